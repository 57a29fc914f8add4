using System.Collections.Immutable;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// A pool of fake agents on a fake clock. Disposing it stops the pool, and fails the test when an agent is left or when
/// there were ever more of them, or more starting, than the options allow.
/// </summary>
internal sealed class PoolBench : IAsyncDisposable
{
    public PoolBench(PoolOptions? options = null, int seed = 1)
    {
        Options = options ?? new PoolOptions { MinSize = 0 };
        Clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(5), "here", "here"));
        Pool = new AgentPool(Options, Key("a"), _ => Connector, Clock, new Random(seed));
    }

    public PoolOptions Options { get; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeConnector Connector { get; } = new();

    public AgentPool Pool { get; }

    public PoolStatistics Statistics => Pool.GetStatistics();

    /// <summary>A spec; the name is its agent. "a" is the pool's default.</summary>
    public static AgentSpec Key(string name) => new() { Executable = "/bin/agent", Arguments = ImmutableArray<string>.Empty, WorkingDirectory = "/work", Agent = name };

    /// <summary>Which agent a lease is for.</summary>
    public static FakeConnection AgentOf(AgentLease lease) => (FakeConnection)lease.Connection;

    /// <summary>Requests an agent. The task is the waiter.</summary>
    public Task<AgentLease> Ask(string key = "a", CancellationToken cancellationToken = default) => Pool.RentAsync(Key(key), cancellationToken).AsTask();

    /// <summary>Requests an agent and waits for it.</summary>
    public Task<AgentLease> RentAsync(string key = "a") => Ask(key).InTime();

    /// <summary>Rents several at once, so that there are as many.</summary>
    public async Task<AgentLease[]> RentManyAsync(int count, string key = "a") =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => RentAsync(key)));

    /// <summary>Creates idle warm agents. The last one was used last.</summary>
    public async Task<FakeConnection[]> MakeIdleAsync(int count, string key = "a")
    {
        AgentLease[] leases = await RentManyAsync(count, key);
        // An agent of the minimum is older then.
        await QuietAsync();
        foreach (AgentLease lease in leases)
        {
            Clock.Advance(TimeSpan.FromTicks(1));
            lease.Return();
        }

        return [.. leases.Select(AgentOf)];
    }

    public Task<(PromptResult Result, AgentException? Failure)> Run(string prompt = "hello", TimeSpan timeout = default, string key = "a", CancellationToken cancellationToken = default) =>
        Pool.RunAsync(new PromptRequest { Prompt = prompt, Timeout = timeout, Spec = Key(key) }, cancellationToken);

    /// <summary>Waits until every starting or stopping agent is held at a gate, so that the pool rests.</summary>
    public Task QuietAsync() => Eventually.HoldsAsync(() =>
    {
        PoolStatistics now = Statistics;
        return now.StartingCount == Connector.Starts.HeldCount && now.StoppingCount == Connector.Stops.HeldCount;
    });

    /// <summary>Moves the clock in steps of at most a second, so that timers fire on time and their work completes.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        for (TimeSpan left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            Clock.Advance(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            await QuietAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Connector.OpenGates();
        await Pool.StopAsync(PoolStopMode.Kill).InTime();
        Assert.Equal(0, Connector.Alive);
        Assert.InRange(Connector.MaxAlive, 0, Options.Capacity);
        Assert.InRange(Connector.MaxStarting, 0, Options.MaxStarting * Options.Hosts.Count);
    }
}
