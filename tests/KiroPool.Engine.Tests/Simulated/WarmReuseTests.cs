using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class WarmReuseTests
{
    [Fact]
    public async Task Prompts_one_at_a_time_are_served_by_one_process()
    {
        await using var pool = new SimulatedPool();
        for (int i = 0; i < 10; i++)
            Assert.Equal($"You said: {i}", (await pool.AskAsync($"{i}")).Text);

        Assert.Equal((1, 9, 1, 9), (pool.Statistics.ProcessesCreated, pool.Statistics.CacheHits, pool.Statistics.CacheMisses, pool.Statistics.ProcessesReused));
        Assert.Equal(1, pool.Agent.Count("start"));
        Assert.Equal(10, pool.Agent.Prompts.Distinct().Count());
    }

    [Fact]
    public async Task A_result_says_whether_its_process_had_served_before()
    {
        await using var pool = new SimulatedPool();
        PromptResult first = await pool.AskAsync("first");
        PromptResult second = await pool.AskAsync("second");

        Assert.Equal((false, true), (first.Reused, second.Reused));
        Assert.Equal(first.ProcessId, second.ProcessId);
        Assert.NotEqual(first.SessionId, second.SessionId);
    }

    [Fact]
    public async Task A_warmed_pool_serves_its_first_prompt_from_a_warm_agent()
    {
        await using var pool = new SimulatedPool(new { startMs = 200 }, new PoolOptions { MinSize = 1 });
        await pool.Pool.WarmAsync(TestContext.Current.CancellationToken).InTime();
        int? warm = Assert.Single(pool.Statistics.Processes).ProcessId;
        PromptResult result = await pool.AskAsync("hello");

        Assert.Equal((1, 0), (pool.Statistics.CacheHits, pool.Statistics.CacheMisses));
        Assert.Equal((warm, 1), (result.ProcessId, pool.Agent.Count("start")));
    }

    [Fact]
    public async Task Two_hundred_prompts_of_four_callers_share_three_processes()
    {
        await using var pool = new SimulatedPool(new { turnMs = 5 }, new PoolOptions { MinSize = 0, MaxSize = 3, MaxStarting = 3 });
        using var sampler = new MostProcesses(() => pool.Agent.Processes);
        string[][] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async caller =>
        {
            var texts = new List<string>();
            for (int i = 0; i < 50; i++)
                texts.Add((await pool.AskAsync($"caller {caller} prompt {i}")).Text);
            return texts.ToArray();
        })).InTime();

        for (int caller = 0; caller < 4; caller++)
            Assert.Equal(Enumerable.Range(0, 50).Select(i => $"You said: caller {caller} prompt {i}"), answers[caller]);
        Assert.Equal(200, pool.Agent.Prompts.Count);
        Assert.Equal(200, pool.Agent.Prompts.Distinct().Count());
        Assert.InRange(sampler.Most, 1, 3);
        Assert.Equal(3, pool.Agent.Count("start"));
    }
}
