using System.Diagnostics.CodeAnalysis;

namespace KiroPool.Simulator;

/// <summary>The ways out of the process. They skip the runtime's shutdown, which waits for threads a crash would not.</summary>
internal sealed class ProcessEnd(EventLog log, SessionStore store)
{
    private int _ending;

    /// <summary>
    /// What is meant to be stubborn gives up after this time all the same: a broken test must not
    /// fill the machine with processes that no test can find.
    /// </summary>
    public static readonly TimeSpan StubbornnessLimit = TimeSpan.FromMinutes(15);

    /// <summary>A polite end: the sessions are free for another process.</summary>
    [DoesNotReturn]
    public void Exit(int code)
    {
        Begin();
        store.ReleaseAll();
        log.Write("exit", more: json => json.WriteNumber("code"u8, code));
        Now(code);
    }

    /// <summary>A sudden end: the locks stay.</summary>
    [DoesNotReturn]
    public void Crash(string message, int code = 1)
    {
        Begin();
        StandardError.Line(message);
        log.Write("exit", text: message, more: json => json.WriteNumber("code"u8, code));
        Now(code);
    }

    [DoesNotReturn]
    public static void Now(int code)
    {
        if (!OperatingSystem.IsWindows())
            Libc.ExitNow(code);
        Environment.Exit(code);
    }

    // EOF and SIGTERM come together when a tree is ended; the first one decides, and one exit is logged.
    private void Begin()
    {
        if (Interlocked.Exchange(ref _ending, 1) == 1)
            Thread.Sleep(Timeout.Infinite);
    }
}
