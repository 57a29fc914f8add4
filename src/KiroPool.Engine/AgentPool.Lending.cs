using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine;

/// <content>Lending agents and taking them back.</content>
public sealed partial class AgentPool
{
    /// <summary>Waits for an agent: an idle one, one that is given back, or one that is started.</summary>
    internal ValueTask<AgentLease> RentAsync(AgentSpec spec, CancellationToken cancellationToken) => RentAsync(spec, seat: null, isAccepted: false, cancellationToken);

    /// <summary>The same for a prompt between <see cref="TryAccept"/> and <see cref="Accomplished"/>, which a pool that drains still serves.</summary>
    internal ValueTask<AgentLease> RentForAcceptedAsync(AgentSpec spec, CancellationToken cancellationToken) => RentAsync(spec, seat: null, isAccepted: true, cancellationToken);

    /// <summary>The same for a conversation, which may also be given a place beside others (<see cref="AgentLease.IsTurn"/>).</summary>
    internal ValueTask<AgentLease> RentForAcceptedAsync(AgentSpec spec, SessionSeat seat, CancellationToken cancellationToken) => RentAsync(spec, seat, isAccepted: true, cancellationToken);

    /// <summary>Takes on a prompt, unless a stop has begun. A drain waits until it is <see cref="Accomplished"/>.</summary>
    internal bool TryAccept()
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _accepted++;
            return true;
        }
    }

    internal void Accomplished()
    {
        lock (_gate)
        {
            _accepted--;
            EndDrain();
        }
    }

    private ValueTask<AgentLease> RentAsync(AgentSpec spec, SessionSeat? seat, bool isAccepted, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<AgentLease>(cancellationToken);
        Waiter waiter;
        lock (_gate)
        {
            if (_closed && (!isAccepted || _refusesAll))
                return ValueTask.FromException<AgentLease>(Stopped());
            if (seat is not null && TryHost(spec, seat) is { } turn)
                return new ValueTask<AgentLease>(turn);
            if (_waiting.Count == 0 && TryTakeIdle(spec, out PooledAgent? agent))
                return new ValueTask<AgentLease>(Lend(agent, wasWarm: true));
            waiter = _waiting.Add(spec, seat, _time.GetTimestamp());
            Schedule();
        }

        // Outside the lock: a token that is cancelled already calls back at once.
        if (cancellationToken.CanBeCanceled && !waiter.Task.IsCompleted)
        {
            waiter.Cancellation = cancellationToken.UnsafeRegister((_, token) => GiveUp(waiter, token), null);
            if (waiter.Task.IsCompleted)
                waiter.Cancellation.Unregister();
        }

        return new ValueTask<AgentLease>(waiter.Task);
    }

    internal bool CountUse(PooledAgent agent, bool wasWarm)
    {
        bool usedBefore;
        lock (_gate)
        {
            usedBefore = agent.UseCount++ > 0;

            // Its replacement can get warm while it serves for the last time.
            if (agent.IsSpent || agent.DueFor(_time.GetUtcNow()) is not null)
                Schedule();
        }

        _counters.AgentUsed(wasWarm, usedBefore);
        return usedBefore;
    }

    internal void Return(PooledAgent agent, SessionSeat? seat)
    {
        Task<bool> settled = seat is null ? agent.Connection.SettleAsync() : seat.SettleAsync();
        if (settled.IsCompletedSuccessfully)
            TakeBack(agent, seat, settled.Result);
        else
            _ = TakeBackLaterAsync(agent, seat, settled);
    }

    private async Task TakeBackLaterAsync(PooledAgent agent, SessionSeat? seat, Task<bool> settled)
    {
        bool reusable = false;
        try
        {
            reusable = await settled.ConfigureAwait(false);
        }
        finally
        {
            TakeBack(agent, seat, reusable);
        }
    }

    private void TakeBack(PooledAgent agent, SessionSeat? seat, bool reusable)
    {
        lock (_gate)
        {
            agent.LastUsed = _time.GetUtcNow();
            if (seat is not null)
            {
                EndTurn(agent, reusable);
                Schedule();
                return;
            }

            if (agent.State != PooledAgentState.Leased)
                return;
            // An agent can end between its answer and this moment, when nobody else looks at it.
            if (!reusable || agent.Connection.Closed.IsCompleted)
                End(agent, agent.Connection.Closed.IsCompleted ? EndReason.Died : EndReason.NotSettled);
            else if (agent.Replaced is { } reason)
                End(agent, reason);
            else if (agent.IsUsedUp)
                EndReplaced(agent, EndReason.Uses);
            else
                MakeIdle(agent);
            Schedule();
        }
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting.Remove(waiter))
                waiter.TrySetCanceled(cancellationToken);
            Schedule();
        }
    }
}
