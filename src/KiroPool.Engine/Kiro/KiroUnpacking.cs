using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The first start of the v3 engine, which unpacks it before it answers.</summary>
internal static class KiroUnpacking
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>What takes so long.</summary>
    public const string Explanation = "The first start of kiro-cli's V3 engine on a machine unpacks about 800 MB to ~/.local/share/kiro-cli/kas.";

    /// <summary>How long a start may take: longer than usual when the engine is not there yet.</summary>
    /// <param name="spec">The agent.</param>
    /// <param name="arguments">Its arguments, by which the engine is known.</param>
    /// <param name="usual">The usual limit.</param>
    public static TimeSpan LimitFor(AgentSpec spec, IReadOnlyList<string> arguments, TimeSpan usual) =>
        usual < Longest && spec.UsesKiroCommandLine && !OperatingSystem.IsWindows() && IsV3(arguments) && !IsUnpacked(spec) ? Longest : usual;

    private static bool IsV3(IReadOnlyList<string> arguments) => arguments.Contains("--auth-method=cli") || arguments.Contains("--agent-engine=v3");

    private static bool IsUnpacked(AgentSpec spec)
    {
        // Named by the user, it is where it is.
        if (KiroEnvironment.Read(spec, "KIRO_KAS_SERVER_PATH") is { Length: > 0 })
            return true;
        string? data = KiroEnvironment.Read(spec, "XDG_DATA_HOME") is { Length: > 0 } moved ? moved
            : KiroEnvironment.Read(spec, "HOME") is { Length: > 0 } home ? Path.Combine(home, ".local", "share")
            : null;
        return data is null || Directory.Exists(Path.Combine(data, "kiro-cli", "kas"));
    }
}
