using System.Text;

namespace KiroPool.Simulator;

/// <summary><c>acp</c>: what happens before the first frame is read.</summary>
internal static class AcpProgram
{
    public static int Run(string[] arguments, SimulatorSettings settings, EventLog log, bool isWrapped)
    {
        AcpArguments acp = AcpArguments.Parse(arguments.AsSpan(1), settings);
        if (acp.Help)
            return Inquiries.ShowAcpHelp(settings, log);
        if (settings.Wrapper && !isWrapped)
            return Wrapper.Run(arguments, log);

        AgentContext context = new(settings, acp, log, Console.OpenStandardOutput());
        Signals.Handle(context);
        log.Write("start", text: string.Join(' ', arguments));
        if (context.IsV3)
            V3Start.Prepare(context);
        Prepare(context);
        new AcpAgent(context).Run(Console.OpenStandardInput());
        return 0;
    }

    private static void Prepare(AgentContext context)
    {
        SimulatorSettings settings = context.Settings;
        if (settings.StartMs > 0)
            Thread.Sleep(settings.StartMs);
        SleepingGrandchild.Start(settings.Grandchild);
        Ballast.Add(settings.MemoryMb);
        StandardError.Flood(settings.StderrBytes);
        foreach (Fault fault in context.Faults.Take(FaultPoint.Start))
            Play(fault, context);
        if (settings.Banner is { } banner)
            context.Wire.Raw(Encoding.UTF8.GetBytes(banner + "\n"));
    }

    private static void Play(Fault fault, AgentContext context)
    {
        if (fault.Do == FaultKind.Error)
            context.End.Crash(fault.Text ?? "error: simulated error at start", fault.Code ?? 1);
        else if (fault is { Do: FaultKind.Hang, Ms: null })
            HangForGood(context);
        else
            new FaultStep(context, FaultPoint.Start).PlayAsync([fault]).AsTask().GetAwaiter().GetResult();
    }

    // Nothing is read, so not even the end of stdin is noticed.
    private static void HangForGood(AgentContext context)
    {
        Thread.Sleep(ProcessEnd.StubbornnessLimit);
        context.End.Exit(0);
    }
}
