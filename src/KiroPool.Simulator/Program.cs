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
                [SelfStart.Wrapped, .. string[] rest] => AcpProgram.Run(rest, settings, log, isWrapped: true),
                ["acp", ..] => AcpProgram.Run(arguments, settings, log, isWrapped: false),
                ["--version" or "-V"] => Inquiries.ShowVersion(),
                ["whoami", .. string[] rest] => Inquiries.WhoAmI(rest, settings),
                ["chat", .. string[] rest] => Chat(rest, settings),
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

    private static int Chat(ReadOnlySpan<string> arguments, SimulatorSettings settings) => arguments switch
    {
        ["--list-models", .. var rest] => Inquiries.ListModels(rest, settings),
        _ when arguments.Contains("--no-interactive") || arguments.Contains("--interactive") =>
            throw new UsageException("chat is not simulated yet"),
        _ => throw new UsageException("chat wants --no-interactive, --interactive or --list-models"),
    };
}
