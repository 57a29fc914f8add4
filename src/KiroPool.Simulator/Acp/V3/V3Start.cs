namespace KiroPool.Simulator;

/// <summary>What a v3 process does before it reads its first frame.</summary>
internal static class V3Start
{
    /// <summary>Where the engine lies unpacked, in the home directory.</summary>
    private const string Folder = ".local/share/kiro-cli/kas";

    public static void Prepare(AgentContext context)
    {
        SimulatorSettings settings = context.Settings;

        // Later versions offer a way to sign in first, and fail the session.
        if (!settings.SignedIn && context.Arguments.AuthMethod is not null && !settings.IsAtLeast(2, 37))
            context.End.Crash("error: You are not logged in, please log in with kiro-cli login");
        Unpack(settings.V3.UnpackMs);
        StandardError.Line("[INFO] Auth: --auth=acp-callback (host-mediated refresh via _kiro/auth/getAccessToken)");
        StandardError.Line("[INFO] [KiroAgent] MCP subsystem initialized");
    }

    private static void Unpack(int ms)
    {
        if (ms == 0)
            return;
        string folder = Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? Environment.CurrentDirectory, Folder);
        if (Directory.Exists(folder))
            return;
        Thread.Sleep(ms);
        Directory.CreateDirectory(folder);
    }
}
