using System.Collections.Concurrent;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>Conversations among stand-alone prompts on real threads, with dying agents.</summary>
public sealed class SessionConcurrencyTests
{
    public static TheoryData<int, int> SomeSeeds
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (int seed in Enumerable.Range(1, 3))
            {
                data.Add(seed, 1);
                data.Add(seed, 3);
            }

            return data;
        }
    }

    /// <summary>
    /// One outcome each (I2), seen at most once (I3), in the right conversation and in order (I4), none of a conversation's
    /// prompts beside a stand-alone one (I6), never more processes than allowed (I7, which the bench checks at the end).
    /// </summary>
    [Theory]
    [MemberData(nameof(SomeSeeds))]
    public async Task Sessions_and_stand_alone_prompts_share_a_pool_and_nothing_else(int seed, int perProcess)
    {
        await using var bench = new PoolBench(new PoolOptions { MaxSize = 3, MinSize = 1, MaxStarting = 3, MaxUses = 15, SessionsPerProcess = perProcess }, seed);
        Session[] sessions = [.. Enumerable.Range(0, 5).Select(i => bench.Pool.Sessions.Create($"s{i}", PoolBench.Key(i == 4 ? "b" : "a")))];
        var outcomes = new ConcurrentQueue<PromptResult>();
        using var done = new CancellationTokenSource();
        Task reaper = Task.Run(() => KillNowAndThen(bench, new Random(seed), done.Token));

        IEnumerable<Task> callers = sessions.SelectMany(session => Enumerable.Range(0, 2).Select(half => Task.Run(() => TalkAsync(bench, session, half, 60, seed, outcomes))))
            .Concat(Enumerable.Range(0, 3).Select(caller => Task.Run(() => TalkAsync(bench, null, caller, 100, seed, outcomes))));
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await done.CancelAsync();
        await reaper;

        PoolStatistics now = bench.Statistics;
        Assert.Equal((5 * 2 * 60) + (3 * 100), outcomes.Count);
        Assert.Equal(outcomes.Count, now.Completed + now.Failed + now.Cancelled + now.TimedOut + now.Indeterminate);
        Assert.Equal(bench.Connector.PromptsSeen.Count, bench.Connector.PromptsSeen.Distinct().Count());
        Assert.True(now.Completed > outcomes.Count / 2, $"{now.Completed} of {outcomes.Count} completed; {string.Join(", ", outcomes.Where(o => o.Outcome == "Failed").Take(5))}");

        foreach ((_, ConcurrentQueue<string> transcript) in bench.Connector.Transcripts)
            Assert.Single(transcript.Select(prompt => prompt.Split('#')[0]).Distinct());
        foreach (Session session in sessions)
        {
            string[] said = [.. bench.Connector.Transcripts[session.SessionId!]];
            foreach (string half in new[] { "0", "1" })
            {
                int[] numbers = [.. said.Select(prompt => prompt.Split('#')).Where(p => p[1] == half).Select(p => int.Parse(p[2], System.Globalization.CultureInfo.InvariantCulture))];
                Assert.Equal(numbers.Order(), numbers);
            }

            // No turn went to another conversation: it is still the first one.
            Assert.Equal(bench.Connector.PromptsSeen.Count(prompt => prompt.StartsWith(session.Name + "#", StringComparison.Ordinal)), said.Length);
            Assert.InRange(session.Turns, said.Length, 120);
        }

        await Eventually.HoldsAsync(() => bench.Statistics is { ActiveCount: 0, WaitingCount: 0 });
    }

    private static async Task TalkAsync(PoolBench bench, Session? session, int caller, int count, int seed, ConcurrentQueue<PromptResult> outcomes)
    {
        var random = new Random(HashCode.Combine(seed, caller, session?.Name));
        for (int i = 0; i < count; i++)
        {
            using var cancel = new CancellationTokenSource();
            string name = session?.Name ?? $"alone-{caller}-{i}";
            var request = new PromptRequest { Prompt = $"{name}#{caller}#{i}", Spec = session is null ? PoolBench.Key(random.Next(4) == 0 ? "b" : "a") : null };
            Task<(PromptResult Result, AgentException?)> run = bench.Pool.RunAsync(request, session, cancel.Token);
            if (random.Next(10) == 0)
                await cancel.CancelAsync();
            outcomes.Enqueue((await run).Result);
        }
    }

    private static void KillNowAndThen(PoolBench bench, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            IReadOnlyList<FakeConnection> all = bench.Connector.All;
            if (all.Count > 0)
                all[random.Next(Math.Max(0, all.Count - 3), all.Count)].Die();
            done.WaitHandle.WaitOne(2);
        }
    }
}
