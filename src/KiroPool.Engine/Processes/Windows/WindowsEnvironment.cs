using System.Collections;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The variables of a process on Windows, where the case of a name makes no difference. A host may still have two that differ
/// in nothing else; ProcessStartInfo then throws, so that no agent could start.
/// </summary>
internal static class WindowsEnvironment
{
    /// <summary>The variables of the host with changes.</summary>
    /// <param name="host">All variables of the host.</param>
    /// <param name="changes">The variables to set; null removes one.</param>
    public static Dictionary<string, string?> Of(IDictionary host, IReadOnlyDictionary<string, string?> changes)
    {
        var variables = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in host.Keys.Cast<string>().Order(StringComparer.Ordinal))
            variables.TryAdd(name, (string?)host[name]);
        foreach ((string name, string? value) in changes)
        {
            if (value is null)
                variables.Remove(name);
            else
                variables[name] = value;
        }

        return variables;
    }
}
