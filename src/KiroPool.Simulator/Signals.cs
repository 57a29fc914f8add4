using System.Runtime.InteropServices;

namespace KiroPool.Simulator;

/// <summary>Ends the agent politely when it is told to, unless it is one of those that do not listen.</summary>
internal static class Signals
{
    // A registration nobody holds is undone by its finalizer.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    public static void Handle(AgentContext context)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
            Registrations.Add(PosixSignalRegistration.Create(signal, arrived => Take(arrived, context)));
    }

    private static void Take(PosixSignalContext arrived, AgentContext context)
    {
        arrived.Cancel = true;
        context.Log.Write("signal", text: arrived.Signal.ToString());
        if (arrived.Signal != PosixSignal.SIGTERM || !context.Settings.IgnoreSigterm)
            context.End.Exit(0);
    }
}
