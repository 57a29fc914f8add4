using System.Runtime.InteropServices;

namespace KiroPool.Simulator;

/// <summary>Ends the agent politely when it is told to, unless it is one of those that do not listen.</summary>
internal static class Signals
{
    // The finalizer of an unreferenced registration removes it.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    public static void Handle(AgentContext context) => Handle(context.Settings, context.Log, context.End);

    public static void Handle(SimulatorSettings settings, EventLog log, ProcessEnd end)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
            Registrations.Add(PosixSignalRegistration.Create(signal, arrived => Take(arrived, settings, log, end)));
    }

    private static void Take(PosixSignalContext arrived, SimulatorSettings settings, EventLog log, ProcessEnd end)
    {
        arrived.Cancel = true;
        log.Write("signal", text: arrived.Signal.ToString());
        if (arrived.Signal != PosixSignal.SIGTERM || !settings.IgnoreSigterm)
            end.Exit(0);
    }
}
