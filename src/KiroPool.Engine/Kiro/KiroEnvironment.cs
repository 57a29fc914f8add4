using System.Collections.Immutable;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The variables that an agent gets in addition to those of its spec. Values set by the user or the host stay.</summary>
internal static class KiroEnvironment
{
    /// <summary>Prevents a warm agent from replacing itself by an update.</summary>
    public const string NoAutoUpdate = "KIRO_NO_AUTO_UPDATE";

    /// <summary>See no-color.org. kiro-cli still writes some control codes.</summary>
    public const string NoColor = "NO_COLOR";

    /// <summary>The key that replaces a sign-in.</summary>
    public const string ApiKey = "KIRO_API_KEY";

    /// <summary>The directory of kiro-cli instead of ~/.kiro.</summary>
    public const string Home = "KIRO_HOME";

    public static ImmutableSortedDictionary<string, string?> Of(AgentSpec spec, bool isPlainText, AgentHost? host = null)
    {
        ImmutableSortedDictionary<string, string?> variables = spec.Environment;
        if (KiroCliLocator.IsKiroCli(spec.Executable))
            variables = WithDefault(variables, NoAutoUpdate, "1", host);
        return isPlainText ? WithDefault(variables, NoColor, "1", host) : variables;
    }

    /// <summary>The value that an agent of that spec sees; null if it sees none. Agents on far hosts do not inherit from this process.</summary>
    public static string? Read(AgentSpec spec, string name, AgentHost? host = null) =>
        spec.Environment.TryGetValue(name, out string? value) ? value : Inherited(name, host);

    private static string? Inherited(string name, AgentHost? host) => host is { IsFar: true } ? null : Environment.GetEnvironmentVariable(name);

    private static ImmutableSortedDictionary<string, string?> WithDefault(ImmutableSortedDictionary<string, string?> variables, string name, string value, AgentHost? host) =>
        variables.ContainsKey(name) || Inherited(name, host) is not null ? variables : variables.Add(name, value);
}
