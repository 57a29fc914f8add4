using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KiroPool.Simulator;

/// <summary>
/// <c>kiro-cli acp</c> as it is: a process that only starts <c>kiro-cli-chat acp</c> and waits for it.
/// A SIGTERM to it alone orphans the rest (kirodotdev/Kiro#6050).
/// </summary>
internal static class Wrapper
{
    public static int Run(string[] arguments, EventLog log)
    {
        log.Write("wrapper");
        using PosixSignalRegistration? sigterm = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            log.Write("signal", text: "SIGTERM to the wrapper");
            ProcessEnd.Now(128 + 15);
        });
        using Process worker = SelfStart.Start([SelfStart.Wrapped, .. arguments], ownStreams: false);
        worker.WaitForExit();
        return worker.ExitCode;
    }
}
