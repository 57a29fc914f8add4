namespace KiroPool.Simulator;

/// <summary>Stands in for kiro-cli: same command line, same protocol, same faults, no account.</summary>
internal static class Program
{
    private const int UsageExitCode = 2;

    public static int Main(string[] arguments)
    {
        try
        {
            SimulatorSettings settings = SettingsSource.Read();
            EventLog log = new(settings.Log);
            return arguments switch
            {
                [SelfStart.Sleeper, string kind] => SleepingGrandchild.Sleep(kind, log),
                [SelfStart.Wrapped, "chat", .. string[] rest] => ChatProgram.Run(["chat", .. rest], settings, log, isWrapped: true),
                [SelfStart.Wrapped, .. string[] rest] => AcpProgram.Run(rest, settings, log, isWrapped: true),
                ["acp", ..] => AcpProgram.Run(arguments, settings, log, isWrapped: false),
                ["--version" or "-V"] => Inquiries.ShowVersion(settings, log),
                ["whoami", .. string[] rest] => Inquiries.WhoAmI(rest, settings, log),
                ["chat", "--list-models", .. string[] rest] => Inquiries.ListModels(rest, settings, log),
                ["chat", ..] => ChatProgram.Run(arguments, settings, log, isWrapped: false),
                [] => throw new UsageException("a command is required: acp, chat or whoami"),
                _ => throw AcpArguments.Unexpected(arguments[0]),
            };
        }
        catch (UsageException e)
        {
            StandardError.Line($"error: {e.Message}\n\nFor more information, try '--help'.");
            return UsageExitCode;
        }
        catch (Exception e) when (e is SettingsException or IOException or UnauthorizedAccessException)
        {
            StandardError.Line($"error: {e.Message}");
            return UsageExitCode;
        }
    }
}
