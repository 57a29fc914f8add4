using System.Collections.Immutable;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The hosts of a pool, and which of them a key may use. Guarded by the pool's lock.</summary>
internal sealed class PoolHosts(PoolOptions options, AgentRoster agents, StartBreakers breakers, TimeProvider time)
{
    public ImmutableArray<PoolHost> All { get; } = [.. options.Hosts.Select(host => new PoolHost(host, options, time))];

    /// <summary>Whether any of them has a free slot.</summary>
    public bool HasRoom => All.Any(static host => host.HasRoom);

    /// <summary>The hosts of a key: all, or the one where its conversation is.</summary>
    public ImmutableArray<PoolHost> Of(AgentSpec spec) => spec.HostName is { } name ? [.. All.Where(host => host.Host.Name == name)] : All;

    /// <summary>Whether a start is allowed now. A brake allows one at a time after its delay.</summary>
    public bool MayStart(AgentSpec spec, PoolHost host)
    {
        if (host.Failure is not null && (!host.AllowsStart || agents.Any(a => a.State == PooledAgentState.Starting && a.Host == host)))
            return false;
        return breakers.Find(spec, host) is not { IsOpen: true } breaker || (breaker.AllowsStart && agents.Starting(spec, host) == 0);
    }

    /// <summary>Whether a start is allowed on any host.</summary>
    public bool MayStart(AgentSpec spec) => Of(spec).Any(host => MayStart(spec, host));

    /// <summary>
    /// The host for a start: one where the key has not failed, with the lowest share of its slots taken; null if none has room
    /// and may start.
    /// </summary>
    public PoolHost? ForStart(AgentSpec spec) => Of(spec)
        .Where(host => host.HasRoom && agents.CountStarting(host) < options.MaxStarting && MayStart(spec, host))
        .OrderBy(host => breakers.Find(spec, host) is null && host.Failure is null ? 0 : 1)
        .ThenBy(host => host.Share)
        .FirstOrDefault();

    /// <summary>Whether another host than one where a start has just failed may serve a key.</summary>
    public bool IsHopeElsewhere(AgentSpec spec, PoolHost failed) => Of(spec).Any(host =>
        host != failed
        && !host.IsRefused
        && !IsHeld(host)
        && (breakers.Find(spec, host) is not { } breaker || (!breaker.IsOpen && !StartBreaker.WillRepeat(breaker.LastFailure!))));

    /// <summary>Whether an agent of a key can come on some host: it is up, no brake of the key is on there, and no sessions hold all of it.</summary>
    public bool IsHope(AgentSpec spec) => Of(spec).Any(host => host.Failure is null && breakers.Find(spec, host) is not { IsOpen: true } && !IsHeld(host));

    /// <summary>
    /// Whether named conversations that cannot be resumed in another process hold every slot of a host. Only a script that removes
    /// one of them makes room.
    /// </summary>
    public bool IsHeld(PoolHost host) => !host.HasRoom && agents.HoldAllSlots(host);

    /// <summary>
    /// Why a key that has no hope gets no agent; null if nothing has failed. A host that merely cannot be reached may be back
    /// soon, so it comes first.
    /// </summary>
    public AgentException? Why(AgentSpec spec)
    {
        PoolHost[] hosts = [.. Of(spec)];
        if (hosts.Length == 0)
            return new AgentException(FailureKind.HostUnreachable, $"The pool has no host '{spec.HostName}' any more.") { Value = spec.HostName };
        return Array.Find(hosts, host => host.IsUnreachable)?.Failure
            ?? hosts.Where(host => !host.IsRefused).Select(host => breakers.Find(spec, host)).FirstOrDefault(breaker => breaker is { IsOpen: true })?.ToFailure()
            ?? (Array.TrueForAll(hosts, host => host.IsRefused) ? hosts[0].Failure : null);
    }

    /// <summary>For how long no host of a key could be reached, of those that may be again; null if that is not what keeps it waiting.</summary>
    public TimeSpan? UnreachableFor(AgentSpec spec) =>
        Of(spec).Any(host => host.IsUnreachable) ? Of(spec).Where(host => host.IsUnreachable).Min(host => host.FailedFor) : null;
}
