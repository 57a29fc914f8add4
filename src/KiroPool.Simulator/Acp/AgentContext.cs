namespace KiroPool.Simulator;

/// <summary>What all parts of one running agent share.</summary>
internal sealed class AgentContext
{
    public AgentContext(SimulatorSettings settings, AcpArguments arguments, EventLog log, Stream output)
    {
        Settings = settings;
        Arguments = arguments;
        Log = log;
        Wire = new FrameWriter(output);
        Faults = new FaultScript(settings.Faults);
        Requests = new ClientRequests(Wire, log);
        Store = new SessionStore(settings.SessionStore, settings.StaleLocks);
        End = new ProcessEnd(log, Store);
        IsV3 = arguments.IsV3(settings);
        Catalog = new Catalog(settings, IsV3);
        Dialect = Dialect.Of(this);
        Sessions = new OpenSessions(Dialect);
    }

    public SimulatorSettings Settings { get; }

    public AcpArguments Arguments { get; }

    public EventLog Log { get; }

    public FrameWriter Wire { get; }

    public FaultScript Faults { get; }

    public ClientRequests Requests { get; }

    public SessionStore Store { get; }

    public ProcessEnd End { get; }

    public bool IsV3 { get; }

    public Catalog Catalog { get; }

    public Dialect Dialect { get; }

    public OpenSessions Sessions { get; }

    /// <summary>What the turns of all sessions cost.</summary>
    public double CreditsUsed { get; set; }

    /// <summary>Turns under way in all sessions.</summary>
    public int RunningTurns => Volatile.Read(ref _runningTurns);

    private int _runningTurns;

    public void TurnBegan() => Interlocked.Increment(ref _runningTurns);

    public void TurnEnded() => Interlocked.Decrement(ref _runningTurns);

    /// <summary>Plays what happens to an idle agent. Called when a session got ready and when a turn ended.</summary>
    public async ValueTask IdleAsync(string? prompt = null)
    {
        foreach (Fault fault in Faults.Take(FaultPoint.Idle, prompt))
        {
            // Not idle any more when it is due: it strikes in the next pause, never inside a turn.
            do
                await PauseAsync(fault.Ms ?? 0).ConfigureAwait(false);
            while (RunningTurns > 0 && await PollAsync().ConfigureAwait(false));
            await new FaultStep(this, FaultPoint.Idle).PlayAsync([fault]).ConfigureAwait(false);
        }
    }

    /// <summary>An instant step stays on its thread and costs no timer.</summary>
    public static ValueTask PauseAsync(int ms, CancellationToken cancel = default) =>
        ms <= 0 ? ValueTask.CompletedTask : new ValueTask(Task.Delay(ms, cancel));

    private static async ValueTask<bool> PollAsync()
    {
        await Task.Delay(1).ConfigureAwait(false);
        return true;
    }
}
