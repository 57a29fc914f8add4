using KiroPool.Engine.Agents;

namespace KiroPool.Binding;

/// <summary>Makes the policy of permissions out of parameters. What a prompt says of trust replaces what the pool says.</summary>
internal static class PermissionReader
{
    public static PermissionPolicy Read(PermissionPolicy pools, bool trustAllTools, string[]? trustTools)
    {
        // kiro-cli takes its list with commas too, and so does PowerShell when it is quoted.
        string[]? patterns = trustTools?.SelectMany(one => one.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
        return trustAllTools || patterns is not null
            ? new PermissionPolicy { TrustAllTools = trustAllTools, TrustTools = patterns ?? [] }
            : pools;
    }

    public static bool AreEqual(PermissionPolicy one, PermissionPolicy other) =>
        one.TrustAllTools == other.TrustAllTools && one.TrustTools.SequenceEqual(other.TrustTools, StringComparer.OrdinalIgnoreCase);
}
