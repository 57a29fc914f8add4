using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KiroPool.Simulator;

/// <summary>
/// Stands for an MCP server that does not go away by itself: never reads stdin, ignores SIGTERM, and holds
/// the agent's stderr open, so that a reader that waits for the end of that stream waits for it too.
/// </summary>
internal static class SleepingGrandchild
{
    // Both are kept alive here: a finalizer closes the pipes of the one and gives back the signal of the other.
    private static Process? _process;
    private static PosixSignalRegistration? _sigterm;

    /// <summary>Starts it and waits until it stands: half of a trick would be caught by less than the whole cure.</summary>
    public static void Start(Grandchild kind)
    {
        if (kind == Grandchild.None)
            return;
        _process = SelfStart.Start([SelfStart.Sleeper, kind.ToString()], ownStreams: true);
        _process.StandardOutput.BaseStream.ReadByte();
    }

    /// <summary>The grandchild's own main.</summary>
    public static int Sleep(string kind, EventLog log)
    {
        bool ownSession = Enum.Parse<Grandchild>(kind) == Grandchild.Setsid;
        if (!OperatingSystem.IsWindows())
        {
            if (ownSession)
                _ = Libc.NewSession();
            _sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
        }
        log.Write("grandchild", text: ownSession ? "setsid" : "group");
        try
        {
            Console.OpenStandardOutput().Write("."u8);
        }
        catch (IOException)
        {
            // The agent died over its own start; outlive it all the same.
        }
        Thread.Sleep(ProcessEnd.StubbornnessLimit);
        return 0;
    }
}
