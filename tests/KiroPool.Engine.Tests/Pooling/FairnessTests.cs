using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>First come, first served within a key; across keys no waiter is passed over more often than MaxSize.</summary>
public sealed class FairnessTests
{
    public static TheoryData<int> SomeSeeds => Seeds.Take(usual: 60, full: 300);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_busy_key_passes_over_a_waiter_of_another_key_a_bounded_number_of_times(int size)
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = size, MaxStarting = size });
        var busy = new Queue<AgentLease>(await bench.RentManyAsync(size, "busy"));
        Task<AgentLease> other = bench.Ask("other");
        int overtaken = 0;

        // Requests arrive faster than they are served, so the pool is never idle.
        while (!other.IsCompleted && overtaken <= 10 * size)
        {
            Task<AgentLease> next = bench.Ask("busy");
            if (busy.TryDequeue(out AgentLease? lease))
                lease.Return();
            await bench.QuietAsync();
            if (!next.IsCompletedSuccessfully)
                break;
            overtaken++;
            busy.Enqueue(await next);
        }

        Assert.Equal("other", PoolBench.AgentOf(await other.InTime()).Spec.Agent);
        Assert.Equal(size, overtaken);
    }

    [Fact]
    public async Task A_waiter_that_moves_up_keeps_its_count()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 2 });
        AgentLease[] busy = await bench.RentManyAsync(2, "busy");
        using var cancel = new CancellationTokenSource();
        Task<AgentLease> quitter = bench.Ask("other", cancel.Token);
        Task<AgentLease> second = bench.Ask("other");
        for (int i = 0; i < 2; i++)
        {
            Task<AgentLease> next = bench.Ask("busy");
            busy[0].Return();
            busy[0] = await next.InTime();
        }

        await cancel.CancelAsync();
        Task<AgentLease> last = bench.Ask("busy");
        busy[0].Return();

        await second.InTime();
        Assert.Equal((true, false), (quitter.IsCanceled, last.IsCompleted));
    }

    [Fact]
    public async Task A_reserved_slot_that_is_being_freed_costs_no_warm_agent_of_an_earlier_waiter()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 2, MaxStarting = 2 });
        AgentLease[] busy = await bench.RentManyAsync(2, "busy");
        Task<AgentLease> passedOver = bench.Ask("other");
        for (int i = 0; i < 2; i++)
        {
            Task<AgentLease> next = bench.Ask("busy");
            busy[0].Return();
            busy[0] = await next.InTime();
        }

        Task<AgentLease> earlier = bench.Ask("busy");
        Task<AgentLease> later = bench.Ask("third");
        bench.Connector.Stops.Close();
        busy[0].Return();
        await Eventually.HoldsAsync(() => bench.Connector.Stops.HeldCount == 1);
        FakeConnection warm = PoolBench.AgentOf(busy[1]);
        busy[1].Return();
        bench.Connector.Stops.Open();

        Assert.Same(warm, PoolBench.AgentOf(await earlier.InTime()));
        Assert.Equal("other", PoolBench.AgentOf(await passedOver.InTime()).Spec.Agent);
        Assert.False(later.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(SomeSeeds))]
    public async Task In_a_random_run_no_waiter_is_passed_over_more_often_than_MaxSize(int seed)
    {
        int size = 1 + (seed % 4);
        await using var run = new RandomRun(new PoolOptions { MinSize = 0, MaxSize = size, MaxStarting = size }, seed, "a", "b", "c", "d");

        for (int move = 0; move < 1000; move++)
            await run.MoveAsync();

        Assert.InRange(run.MostPassedOver, 0, size);
        Assert.True(run.Served > 50, $"the run has hardly used the pool: {run.Served} served");
        await run.FinishAsync();
    }
}
