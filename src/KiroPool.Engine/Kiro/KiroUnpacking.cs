using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The first start of the engine V3, which unpacks it before it answers.</summary>
internal static class KiroUnpacking
{
    private const int Times = 10;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The reason for a long start.</summary>
    public const string Explanation = "The first start of kiro-cli's engine V3 on a machine unpacks about 800 MB to ~/.local/share/kiro-cli/kas.";

    /// <summary>The limit of a start: ten times the usual one, at most 5 minutes, if the engine is not unpacked yet.</summary>
    /// <param name="spec">The agent.</param>
    /// <param name="arguments">Its arguments, which name the engine.</param>
    /// <param name="usual">The usual limit.</param>
    public static TimeSpan LimitFor(AgentSpec spec, IReadOnlyList<string> arguments, TimeSpan usual) =>
        usual < Longest && spec.UsesKiroCommandLine && !OperatingSystem.IsWindows() && IsV3(arguments) && !IsUnpacked(spec)
            ? (usual * Times < Longest ? usual * Times : Longest)
            : usual;

    /// <summary>Whether the arguments start the engine V3.</summary>
    public static bool IsV3(IReadOnlyList<string> arguments) => arguments.Contains("--auth-method=cli") || arguments.Contains("--agent-engine=v3");

    private static bool IsUnpacked(AgentSpec spec)
    {
        // The user has named the unpacked engine.
        if (KiroEnvironment.Read(spec, "KIRO_KAS_SERVER_PATH") is { Length: > 0 })
            return true;
        string? data = KiroEnvironment.Read(spec, "XDG_DATA_HOME") is { Length: > 0 } moved ? moved
            : KiroEnvironment.Read(spec, "HOME") is { Length: > 0 } home ? Path.Combine(home, ".local", "share")
            : null;
        return data is null || Directory.Exists(Path.Combine(data, "kiro-cli", "kas"));
    }
}
