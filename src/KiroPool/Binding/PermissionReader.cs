using KiroPool.Engine.Agents;

namespace KiroPool.Binding;

/// <summary>Makes the permission policy from parameters. The trust of a prompt replaces that of the pool.</summary>
internal static class PermissionReader
{
    public static PermissionPolicy Read(PermissionPolicy pools, bool trustAllTools, string[]? trustTools)
    {
        // kiro-cli also accepts a list with commas, and a quoted PowerShell argument contains them.
        string[]? patterns = trustTools?.SelectMany(one => one.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
        return trustAllTools || patterns is not null
            ? new PermissionPolicy { TrustAllTools = trustAllTools, TrustTools = patterns ?? [] }
            : pools;
    }

    public static bool AreEqual(PermissionPolicy one, PermissionPolicy other) =>
        one.TrustAllTools == other.TrustAllTools && one.TrustTools.SequenceEqual(other.TrustTools, StringComparer.OrdinalIgnoreCase);
}
