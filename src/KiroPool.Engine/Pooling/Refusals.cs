using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Fails waiters that cannot be served, with the reason. All others wait until an agent serves them. Guarded by the pool's
/// lock.
/// </summary>
internal sealed class Refusals(PoolSlots slots, PoolOptions options, TimeProvider time)
{
    /// <summary>Fails the waiters of a key that has no living agent and no host where one can be started, unless their rules let them wait.</summary>
    public void RefuseHopeless()
    {
        if (!slots.Breakers.Any && slots.Hosts.All.All(host => host.Failure is null))
            return;
        foreach (AgentSpec spec in slots.Waiting.Heads().Select(head => head.Spec).ToArray())
        {
            if (slots.Hosts.IsHope(spec) || slots.Agents.Serves(spec))
                continue;
            if (slots.Hosts.UnreachableFor(spec) is { } unreachable)
                RefuseUnreached(spec, unreachable);
            else if (slots.Hosts.Why(spec) is { } why)
                RefuseFailing(spec, why);
        }
    }

    /// <summary>
    /// Fails waiters with a failed start. Living agents of the key continue to serve. Without one: if the process ended or
    /// another host may serve them, its waiters stay until the breaker opens, because the next start may succeed. After a
    /// timeout only the first waiter fails. Other failures (missing program, model or sign-in) are permanent and fail all.
    /// </summary>
    public void RefuseAfter(AgentException failure, PooledAgent agent, StartBreaker breaker)
    {
        if (slots.Agents.Serves(agent.Spec) || slots.Hosts.IsHopeElsewhere(agent.Spec, agent.Host))
            return;
        bool repeats = StartBreaker.WillRepeat(failure);
        IEnumerable<Waiter> waiters = slots.Waiting.Of(agent.Spec).Where(waiter => repeats || !waiter.Rules.ForAgent);
        IEnumerable<Waiter> failed = failure.Kind switch
        {
            FailureKind.AgentStartFailed or FailureKind.AgentError when !breaker.IsOpen => [],
            FailureKind.AgentStartTimedOut => waiters.Take(1),
            _ => waiters,
        };
        foreach (Waiter waiter in failed)
            slots.Refuse(waiter, failure);
    }

    /// <summary>
    /// Fails the waiters of a key if named conversations without resume hold every slot of its hosts, apart from those that refuse
    /// the connection. The script that could remove one of them may be the one that waits.
    /// </summary>
    public void RefuseHeld()
    {
        if (!slots.Hosts.All.Any(slots.Hosts.IsHeld))
            return;
        foreach (AgentSpec spec in slots.Waiting.Heads().Select(head => head.Spec).ToArray())
        {
            PoolHost[] usable = [.. slots.Hosts.Of(spec).Where(host => !host.IsRefused)];
            if (usable.Length == 0 || !Array.TrueForAll(usable, slots.Hosts.IsHeld))
                continue;
            foreach (Waiter waiter in slots.Waiting.Of(spec))
                slots.Refuse(waiter, Held(usable));
        }
    }

    /// <summary>Fails every waiter, each with an exception of its own.</summary>
    public void RefuseAll(Func<AgentException> reason)
    {
        foreach (Waiter waiter in slots.Waiting.All().ToArray())
            slots.Refuse(waiter, reason());
    }

    private AgentException Held(PoolHost[] hosts)
    {
        string sessions = NamesOn(hosts);
        string where = hosts.Length == slots.Hosts.All.Length ? "the pool (-MaxSize)" : $"{string.Join(", ", hosts.Select(host => $"'{host.Host.Name}'"))}, the only hosts that can be used,";
        return new AgentException(
            FailureKind.PoolHeldBySessions,
            $"All {hosts.Sum(host => host.MaxSize)} slots of {where} are held by sessions that the agent cannot resume in another process: {sessions}. Remove a session (Remove-KiroSession), or start the pool with a larger -MaxSize.")
        { Value = sessions };
    }

    private string NamesOn(PoolHost[] hosts) =>
        string.Join(", ", slots.Agents.Where(agent => hosts.Contains(agent.Host)).SelectMany(agent => agent.Residents).Select(resident => $"'{resident.Name}'").Order(StringComparer.OrdinalIgnoreCase));

    private void RefuseUnreached(AgentSpec spec, TimeSpan unreachable)
    {
        TimeSpan longest = 4 * options.HostLostAfter;
        foreach (Waiter waiter in slots.Waiting.Of(spec))
        {
            if (!waiter.Rules.ForHosts)
                slots.Refuse(waiter, slots.Hosts.Why(spec)!);
            else if (!waiter.Rules.HasOwnLimit && !waiter.Rules.ForAgent && unreachable >= longest && time.GetElapsedTime(waiter.QueuedAt) >= longest)
                slots.Refuse(waiter, Unreached(spec, longest));
        }
    }

    private AgentException Unreached(AgentSpec spec, TimeSpan limit)
    {
        AgentException last = slots.Hosts.Why(spec)!;
        PoolHost[] held = [.. slots.Hosts.Of(spec).Where(slots.Hosts.IsHeld)];
        string other = held.Length == 0 ? "No host" : $"All slots of {string.Join(", ", held.Select(host => $"'{host.Host.Name}'"))} are held by sessions that cannot be resumed in another process ({NamesOn(held)}), and no other host";
        return new AgentException(last.Kind, $"{other} could be reached for {limit.TotalSeconds:0} s (4 times -HostLostSec). {last.Message}", last) { Value = last.Value };
    }

    private void RefuseFailing(AgentSpec spec, AgentException why)
    {
        // The probe serves one waiter. The others need not wait for a start that will probably fail.
        bool repeats = StartBreaker.WillRepeat(why);
        int hopeful = slots.Agents.Starting(spec) > 0 || slots.Hosts.MayStart(spec) ? 1 : 0;
        foreach (Waiter waiter in slots.Waiting.Of(spec).Skip(hopeful))
        {
            if (repeats || !waiter.Rules.ForAgent)
                slots.Refuse(waiter, why);
        }
    }
}
