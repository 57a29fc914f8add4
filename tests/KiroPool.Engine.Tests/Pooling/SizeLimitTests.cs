using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Disposing a bench checks that there were never too many agents, including starting and stopping ones.</summary>
public sealed class SizeLimitTests
{
    public static TheoryData<int> SomeSeeds => Seeds.Take(usual: 20, full: 300);

    [Fact]
    public async Task A_full_pool_starts_no_agent()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 3, MaxStarting = 3 });
        Task<AgentLease>[] requests = [.. Enumerable.Range(0, 10).Select(_ => bench.Ask())];
        await bench.QuietAsync();

        Assert.Equal(3, requests.Count(r => r.IsCompleted));
        Assert.Equal((3, 3), (bench.Connector.StartCount, bench.Connector.Alive));
    }

    [Fact]
    public async Task A_stopping_agent_keeps_its_slot()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 2 });
        FakeConnection[] idle = await bench.MakeIdleAsync(2);
        bench.Connector.Stops.Close();
        idle[0].Die();
        idle[1].Die();

        Task<AgentLease> waiter = bench.Ask();
        await bench.QuietAsync();
        Assert.Equal((2, 2), (bench.Connector.StartCount, bench.Statistics.StoppingCount));
        bench.Connector.Stops.ReleaseFirst();

        await waiter.InTime();
        Assert.Equal(3, bench.Connector.StartCount);
    }

    [Fact]
    public async Task No_more_than_the_allowed_number_start_at_a_time()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 6, MaxStarting = 2 });
        bench.Connector.Starts.Close();
        for (int i = 0; i < 3; i++)
        {
            _ = bench.Ask("a");
            _ = bench.Ask("b");
        }

        for (int started = 2; started <= 6; started++)
        {
            await bench.QuietAsync();
            Assert.Equal(started, bench.Connector.StartCount);
            bench.Connector.Starts.ReleaseFirst();
            await Eventually.HoldsAsync(() => bench.Statistics.ActiveCount == started - 1);
        }
    }

    [Theory]
    [MemberData(nameof(SomeSeeds))]
    public async Task In_a_random_run_the_pool_never_exceeds_MaxSize_and_serves_every_waiter(int seed)
    {
        var random = new Random(seed);
        var options = new PoolOptions
        {
            MaxSize = random.Next(1, 7),
            MaxStarting = random.Next(1, 4),
            MinSize = random.Next(0, 2),
            MaxUses = 5,
            IdleTimeout = TimeSpan.FromSeconds(60),
        };
        await using var run = new RandomRun(options, seed, "a", "b", "c") { WithFaults = true };

        for (int move = 0; move < 1500; move++)
            await run.MoveAsync();
        await run.FinishAsync();

        Assert.True(run.Served + run.Refused > 20, $"the run has hardly used the pool: {run.Served} served, {run.Refused} refused");
    }
}
