using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Many callers on real threads, and dying agents: no prompt is lost and none runs twice.</summary>
public sealed class ConcurrencyTests
{
    public static TheoryData<int> SomeSeeds => Seeds.Take(usual: 4, full: 50);

    [Theory]
    [MemberData(nameof(SomeSeeds))]
    public async Task Every_prompt_has_one_outcome_and_is_seen_at_most_once(int seed)
    {
        const int callers = 8, promptsEach = 200;
        await using var bench = new PoolBench(new PoolOptions { MaxSize = 4, MinSize = 1, MaxStarting = 4, MaxUses = 10 }, seed);
        using var done = new CancellationTokenSource();
        Task reaper = Task.Run(() => KillNowAndThen(bench, new Random(seed), done.Token));

        PromptResult[][] results = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(bench, caller, promptsEach, seed)))).InTime();
        await done.CancelAsync();
        await reaper;

        string[] outcomes = [.. results.SelectMany(r => r).Select(r => r.Outcome)];
        PoolStatistics now = bench.Statistics;
        Assert.Equal(callers * promptsEach, outcomes.Length);
        Assert.Equal(outcomes.Length, now.Completed + now.Failed + now.Cancelled + now.TimedOut + now.Indeterminate);
        Assert.Equal(outcomes.Count(o => o == "Completed"), now.Completed);
        Assert.Equal(bench.Connector.PromptsSeen.Count, bench.Connector.PromptsSeen.Distinct().Count());
        Assert.Equal((0, 0), (now.ActiveCount, now.WaitingCount));
        Assert.True(now.Completed > outcomes.Length / 2, $"{now.Completed} of {outcomes.Length} completed");
    }

    [Fact]
    public async Task A_stop_under_load_loses_no_prompt()
    {
        await using var bench = new PoolBench(new PoolOptions { MaxSize = 4, MaxStarting = 4 });
        Task<PromptResult[]>[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Run(() => CallAsync(bench, caller, 300, caller)))];
        await Eventually.HoldsAsync(() => bench.Statistics.Completed > 100);

        await bench.Pool.StopAsync(PoolStopMode.Cancel).InTime();

        PromptResult[] results = [.. (await Task.WhenAll(callers).InTime()).SelectMany(r => r)];
        PoolStatistics now = bench.Statistics;
        Assert.Equal(8 * 300, results.Length);
        Assert.Equal(results.Length, now.Completed + now.Failed + now.Cancelled + now.TimedOut + now.Indeterminate);
    }

    private static async Task<PromptResult[]> CallAsync(PoolBench bench, int caller, int count, int seed)
    {
        var random = new Random((seed * 31) + caller);
        var results = new PromptResult[count];
        for (int i = 0; i < count; i++)
        {
            using var cancel = new CancellationTokenSource();
            var request = new PromptRequest { Prompt = $"{caller}-{i}", Spec = PoolBench.Key(random.Next(5) == 0 ? "b" : "a") };
            Task<(PromptResult Result, AgentException?)> run = bench.Pool.RunAsync(request, cancel.Token);
            if (random.Next(10) == 0)
                await cancel.CancelAsync();
            results[i] = (await run).Result;
        }

        return results;
    }

    private static void KillNowAndThen(PoolBench bench, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            IReadOnlyList<FakeConnection> all = bench.Connector.All;
            if (all.Count > 0)
                all[random.Next(Math.Max(0, all.Count - 4), all.Count)].Die();
            Thread.Yield();
            done.WaitHandle.WaitOne(1);
        }
    }
}
