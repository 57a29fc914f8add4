namespace KiroPool.Engine.Protocols.Acp;

/// <summary>Notices that an agent has sent nothing for too long. One timer per turn, set again only when it fires.</summary>
internal sealed class SilenceWatch : IDisposable
{
    private readonly JsonRpcConnection _rpc;
    private readonly AcpTurn _turn;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<AgentException> _given;
    private readonly long _startedAt;
    private readonly ITimer _timer;

    public SilenceWatch(JsonRpcConnection rpc, AcpTurn turn, TimeSpan limit, TimeProvider time, TaskCompletionSource<AgentException> given)
    {
        (_rpc, _turn, _limit, _time, _given) = (rpc, turn, limit, time, given);
        _startedAt = time.GetTimestamp();
        _timer = time.CreateTimer(static watch => ((SilenceWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        // While somebody thinks about a permission it is not the agent who is silent.
        if (_turn.IsBeingAsked)
        {
            _timer.Change(_limit, Timeout.InfiniteTimeSpan);
            return;
        }

        TimeSpan silent = _time.GetElapsedTime(Math.Max(_turn.AnsweredAt, Math.Max(_startedAt, _rpc.LastFrameAt)));
        if (silent < _limit)
            _timer.Change(_limit - silent, Timeout.InfiniteTimeSpan);
        else
            _given.TrySetResult(new AgentException(FailureKind.AgentSilent, $"The agent sent nothing for {_limit.TotalSeconds:0.#} s, the limit for a turn (-InactivityTimeoutSec)."));
    }
}
