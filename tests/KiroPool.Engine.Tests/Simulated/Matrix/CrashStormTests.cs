using System.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>Many prompts while agents are killed at random and crash by themselves.</summary>
[Collection<Alone>]
public sealed class CrashStormTests(ITestOutputHelper output)
{
    private const int Callers = 6;
    private const int MaxSize = 3;

    // In plain text each prompt costs a process.
    [Theory]
    [InlineData(AgentProtocol.Acp, 400, 10_000)]
    [InlineData(AgentProtocol.Chat, 30, 2_000)]
    [InlineData(AgentProtocol.Delimited, 30, 2_000)]
    public async Task Every_prompt_has_one_outcome_while_agents_crash_at_random(AgentProtocol protocol, int usual, int full)
    {
        int prompts = Seeds.IsFullRun ? full : usual;
        int seed = Seeds.IsFullRun ? Random.Shared.Next() : 1;
        await using var pool = new SimulatedPool(
            options: new PoolOptions { MinSize = 0, MaxSize = MaxSize, MaxStarting = MaxSize, BreakerThreshold = 1000, MaxUses = 50 }, protocol: protocol);
        using var sampler = new MostProcesses(() => pool.Agent.Processes);
        using var done = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        Task<int> killer = KillAsync(pool, new Random(seed), protocol == AgentProtocol.Acp ? 40 : 3, done.Token);
        (PromptResult Result, bool Crashes)[][] outcomes = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => CallAsync(pool, caller, prompts / Callers, new Random(seed + caller))));
        TimeSpan took = watch.Elapsed;
        await done.CancelAsync();
        int killed = await killer;

        (PromptResult Result, bool Crashes)[] all = [.. outcomes.SelectMany(o => o)];
        string what = $"seed {seed}: {all.Length} prompts in {took.TotalSeconds:0.0} s, {killed} agents killed, {all.Count(o => o.Crashes)} prompts that crash theirs, {pool.Statistics.ProcessesCreated} processes, never more than {sampler.Most}; "
            + string.Join(", ", all.GroupBy(o => o.Result.Outcome).Select(g => $"{g.Count()} {g.Key}"));
        output.WriteLine(what);

        // An agent dies once, with at most one prompt.
        Assert.True(all.Count(o => o.Result.Outcome != "Completed") <= killed + all.Count(o => o.Crashes), what);
        Assert.True(killed >= prompts / 100 && all.All(o => !o.Crashes || o.Result.Outcome == "Indeterminate"), what);
        Assert.InRange(sampler.Most, 1, MaxSize);
        Dictionary<string, int> seen = pool.Agent.Prompts.GroupBy(text => text).ToDictionary(same => same.Key, same => same.Count());
        Assert.All(seen.Values, times => Assert.Equal(1, times));
        Assert.All(all.Where(o => o.Result.Outcome == "Completed"), o => Assert.Equal($"You said: {o.Result.Prompt}", o.Result.Text));
        Assert.All(all.Where(o => o.Result.Outcome == "Completed"), o => Assert.Contains(o.Result.Prompt, seen.Keys));
        PoolStatistics end = pool.Statistics;
        Assert.Equal(all.Length, end.Completed + end.Failed + end.Indeterminate + end.Cancelled + end.TimedOut);
        Assert.Equal("You said: after the storm", (await pool.AskAsync("after the storm")).Text);
    }

    private static async Task<(PromptResult Result, bool Crashes)[]> CallAsync(SimulatedPool pool, int caller, int count, Random random)
    {
        var results = new (PromptResult, bool)[count];
        for (int i = 0; i < count; i++)
        {
            bool crashes = random.Next(100) == 0;
            string word = !crashes ? "" : random.Next(2) == 0 ? "[[crash]] " : "[[crash-midway]] ";
            (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = $"{word}{caller}/{i}" });
            results[i] = (result, crashes);
        }

        return results;
    }

    /// <summary>Kills one agent after the other, in any state. Between two of them there are at most so many prompts.</summary>
    private static async Task<int> KillAsync(SimulatedPool pool, Random random, int pause, CancellationToken done)
    {
        int killed = 0;
        long next = 0;
        try
        {
            while (true)
            {
                await Task.Delay(1, done);
                PoolStatistics now = pool.Statistics;
                long ended = now.Completed + now.Failed + now.Indeterminate;
                if (ended < next)
                    continue;
                PoolProcess[] living = [.. now.Processes.Where(p => p.State is "Idle" or "Active")];
                if (living.Length == 0)
                    continue;
                LiveProcesses.Kill(living[random.Next(living.Length)].ProcessId!.Value);
                killed++;
                next = ended + random.Next(1, pause);
            }
        }
        catch (OperationCanceledException)
        {
            return killed;
        }
    }
}
