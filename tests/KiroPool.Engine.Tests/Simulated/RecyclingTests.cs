using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class RecyclingTests
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_limit_of_uses_fails_no_prompt(int maxSize)
    {
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, MaxSize = maxSize, MaxUses = 4, Jitter = 0 });
        using var sampler = new MostProcesses(() => pool.Agent.Processes);
        for (int i = 0; i < 24; i++)
            Assert.Equal($"You said: {i}", (await pool.AskAsync($"{i}")).Text);

        // The replacement may start to serve a little later, but within the limit of uses.
        Assert.All(pool.Agent.Of("prompt").GroupBy(e => e.Pid), uses => Assert.InRange(uses.Count(), 1, 4));
        Assert.InRange(pool.Statistics.EndedBy["Uses"], 5, 6);
        Assert.Equal(pool.Statistics.EndedBy["Uses"], pool.Statistics.ProcessesRecycled);
        Assert.InRange(sampler.Most, 1, maxSize);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_limit_of_age_fails_no_prompt(int maxSize)
    {
        await using var pool = new SimulatedPool(
            new { turnMs = 40 },
            new PoolOptions { MinSize = 0, MaxSize = maxSize, MaxAge = TimeSpan.FromMilliseconds(400), Jitter = 0, SweepInterval = TimeSpan.FromMilliseconds(50) });
        using var sampler = new MostProcesses(() => pool.Agent.Processes);
        int prompts = 0;
        for (; pool.Statistics.EndedBy.GetValueOrDefault("Age") < 3 && prompts < 1000; prompts++)
            Assert.Equal($"You said: {prompts}", (await pool.AskAsync($"{prompts}")).Text);

        Assert.True(prompts < 1000, "Too few were replaced.");
        Assert.Equal(prompts, pool.Statistics.Completed);
        Assert.InRange(sampler.Most, 1, maxSize);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_limit_of_memory_fails_no_prompt(int maxSize)
    {
        // An agent needs about 35 MiB; three prompts later it is over the limit.
        await using var pool = new SimulatedPool(
            new { leakMb = 40 },
            new PoolOptions { MinSize = 0, MaxSize = maxSize, MaxMemoryBytes = 120 * MiB, SweepInterval = TimeSpan.FromMilliseconds(30) });
        int prompts = 0;
        for (; pool.Statistics.EndedBy.GetValueOrDefault("Memory") < 2 && prompts < 1000; prompts++)
        {
            Assert.Equal($"You said: {prompts}", (await pool.AskAsync($"{prompts}")).Text);

            // Memory is read while an agent is idle.
            if (prompts % 4 == 3)
                await Eventually.HoldsAsync(() => pool.Statistics.Processes.All(p => p.State == "Idle" && p.MemoryBytes < 120 * MiB));
        }

        Assert.Equal(2, pool.Statistics.EndedBy["Memory"]);
        Assert.Equal(prompts, pool.Statistics.Completed);
    }

    [Fact]
    public async Task With_room_the_replacement_is_warm_before_the_old_agent_ends()
    {
        // An agent over its age serves until its replacement is warm, however long that takes.
        await using var pool = new SimulatedPool(
            new { startMs = 300 }, new PoolOptions { MinSize = 0, MaxSize = 2, MaxUses = 0, MaxAge = TimeSpan.FromMilliseconds(300), Jitter = 0 });
        int prompts = 0;
        for (; pool.Statistics.EndedBy.GetValueOrDefault("Age") < 3 && prompts < 10_000; prompts++)
            await pool.AskAsync($"[[sleep 20]] {prompts}");

        // Only the first prompt waited for a start.
        Assert.Equal((1, prompts - 1), (pool.Statistics.CacheMisses, pool.Statistics.CacheHits));
    }

    [Fact]
    public async Task In_a_full_pool_the_old_agent_ends_first()
    {
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, MaxSize = 1, MaxUses = 2, Jitter = 0 });
        for (int i = 0; i < 6; i++)
            await pool.AskAsync($"{i}");

        // One ends before the next one starts.
        string[] order = [.. pool.Agent.Events.Select(e => e.Event).Where(e => e is "start" or "exit")];
        Assert.Equal(["start", "exit", "start", "exit", "start"], order[..5]);
    }

    [Fact]
    public async Task Agents_idle_for_too_long_are_ended_down_to_the_minimum()
    {
        await using var pool = new SimulatedPool(
            options: new PoolOptions { MinSize = 1, MaxSize = 3, MaxStarting = 3, IdleTimeout = TimeSpan.FromMilliseconds(300), SweepInterval = TimeSpan.FromMilliseconds(50) });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => pool.AskAsync($"[[sleep 700]] {i}")));

        await pool.IdleAsync(1);
        Assert.Equal(2, pool.Statistics.EndedBy["Idle"]);
        Assert.Single(pool.Agent.Processes);
    }

    [Fact]
    public async Task An_idle_agent_makes_room_for_another_model()
    {
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, MaxSize = 1 });
        PromptResult first = await pool.AskAsync("first");
        (PromptResult second, _) = await pool.RunAsync(new PromptRequest { Prompt = "second", Spec = pool.Pool.DefaultSpec.With(model: "claude-haiku-4.5") });

        Assert.Equal("claude-haiku-4.5", second.Model);
        Assert.False(LiveProcesses.IsAlive(first.ProcessId!.Value));
        Assert.Equal(1, pool.Statistics.EndedBy["Evicted"]);
    }
}
