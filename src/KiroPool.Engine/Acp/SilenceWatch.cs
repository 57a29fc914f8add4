using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>
/// Notices that an agent has sent nothing for too long during a turn. Its timer is set again only when it fires, and
/// serves one turn after the other.
/// </summary>
internal sealed class SilenceWatch
{
    private readonly JsonRpcConnection _rpc;
    private readonly TimeProvider _time;
    private readonly object _gate = new();
    private readonly ITimer _timer;
    private PromptCall? _call;
    private TimeSpan _limit;
    private long _startedAt;

    public SilenceWatch(JsonRpcConnection rpc, TimeProvider time)
    {
        (_rpc, _time) = (rpc, time);
        _timer = time.CreateTimer(static watch => ((SilenceWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Abandons the call when the agent is silent for so long, until <see cref="Rest"/>.</summary>
    public void Watch(PromptCall call, TimeSpan limit)
    {
        lock (_gate)
        {
            (_call, _limit, _startedAt) = (call, limit, _time.GetTimestamp());
            _timer.Change(limit, Timeout.InfiniteTimeSpan);
        }
    }

    public void Rest()
    {
        lock (_gate)
        {
            _call = null;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        PromptCall call;
        lock (_gate)
        {
            if (_call is null)
                return;
            call = _call;

            // While somebody thinks about a permission it is not the agent who is silent.
            TimeSpan silent = call.Turn.IsBeingAsked ? TimeSpan.Zero : _time.GetElapsedTime(Math.Max(call.Turn.AnsweredAt, Math.Max(_startedAt, _rpc.LastFrameAt)));
            if (silent < _limit)
            {
                _timer.Change(_limit - silent, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        call.Abandon(TurnEnd.Silent);
    }
}
