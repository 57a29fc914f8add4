using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class RecyclingTests
{
    [Fact]
    public async Task An_agent_is_replaced_after_its_last_use_without_failing_a_prompt()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1, MaxUses = 3, Jitter = 0 });

        for (int i = 0; i < 9; i++)
            Assert.Equal("Completed", (await bench.Run().InTime()).Result.Outcome);
        await bench.QuietAsync();

        Assert.Equal(3, bench.Statistics.ProcessesRecycled);
        Assert.Equal([3, 3, 3], bench.Connector.PromptsPerAgent());
    }

    [Fact]
    public async Task Without_a_limit_an_agent_is_never_recycled()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1, MaxUses = 0, MaxAge = TimeSpan.Zero });

        for (int i = 0; i < 500; i++)
            await bench.Run().InTime();

        Assert.Equal((0, 1), (bench.Statistics.ProcessesRecycled, bench.Connector.StartCount));
    }

    [Fact]
    public async Task Uses_are_jittered_within_their_bounds()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1, MaxUses = 20, Jitter = 0.2 });

        while (bench.Statistics.ProcessesRecycled < 60)
            await bench.Run().InTime();

        int[] uses = [.. bench.Connector.PromptsPerAgent().Take(60)];
        Assert.All(uses, n => Assert.InRange(n, 16, 24));
        Assert.True(uses.Distinct().Count() >= 5, $"hardly jittered: {string.Join(' ', uses)}");
    }

    [Fact]
    public async Task A_jittered_limit_is_never_less_than_one_use()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxUses = 1, Jitter = 0.5 });

        for (int i = 0; i < 20; i++)
            Assert.Equal("Completed", (await bench.Run().InTime()).Result.Outcome);

        Assert.All(bench.Connector.PromptsPerAgent(), n => Assert.InRange(n, 1, 2));
    }

    [Fact]
    public async Task An_old_agent_is_replaced_while_it_is_idle()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1, MaxAge = TimeSpan.FromMinutes(10), Jitter = 0, IdleTimeout = TimeSpan.Zero });
        FakeConnection old = (await bench.MakeIdleAsync(1))[0];

        await bench.AdvanceAsync(TimeSpan.FromSeconds(599));
        Assert.False(old.HasStopped);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(31));

        Assert.True(old.HasStopped);
        Assert.Equal((1, 1L), (bench.Statistics.IdleCount, bench.Statistics.ProcessesRecycled));
    }

    [Fact]
    public async Task Age_never_breaks_a_turn()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxAge = TimeSpan.FromMinutes(10), Jitter = 0 });
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run();
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        await bench.AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(1, bench.Statistics.ActiveCount);
        bench.Connector.Turns.Open();

        Assert.Equal("Completed", (await run.InTime()).Result.Outcome);
        await bench.QuietAsync();
        Assert.Equal((0, 1L), (bench.Statistics.IdleCount, bench.Statistics.ProcessesRecycled));
    }

    [Fact]
    public async Task Ages_are_jittered_within_their_bounds_so_that_not_all_are_replaced_at_once()
    {
        var options = new PoolOptions
        {
            MinSize = 40,
            MaxSize = 40,
            MaxStarting = 40,
            MaxAge = TimeSpan.FromSeconds(1000),
            Jitter = 0.1,
            IdleTimeout = TimeSpan.Zero,
            SweepInterval = TimeSpan.FromSeconds(1),
        };
        await using var bench = new PoolBench(options);
        FakeConnection[] agents = await bench.MakeIdleAsync(40);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(899));
        Assert.DoesNotContain(agents, a => a.HasStopped);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(101));
        Assert.InRange(agents.Count(a => a.HasStopped), 5, 35);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(101));

        Assert.All(agents, a => Assert.True(a.HasStopped));
        Assert.Equal(40, bench.Statistics.IdleCount);
    }

    [Fact]
    public async Task Recycling_starts_the_replacement_before_the_old_agent_is_gone_if_there_is_room()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1, MaxSize = 2, MaxUses = 1, Jitter = 0 });
        await bench.Pool.WarmAsync().InTime();
        bench.Connector.Stops.Close();

        await bench.Run().InTime();
        await Eventually.HoldsAsync(() => bench.Statistics is { IdleCount: 1, StoppingCount: 1 });

        Assert.Equal(2, bench.Connector.Alive);
    }
}
