using System.Diagnostics;
using KiroPool.Benchmarks.Agents;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Hosts;

/// <summary>Many warm agents in one process: how long they take, and how many threads of the thread pool they hold.</summary>
internal static class Crowd
{
    private const int Prompts = 20;

    public static async Task<Dictionary<string, double>> RunAsync(int agents, AgentProgram program)
    {
        using var threads = new ThreadSampler();
        var watch = Stopwatch.StartNew();
        await using var pool = new AgentPool(new PoolOptions { MinSize = agents, MaxSize = agents, MaxStarting = agents, MaxUses = 0 }, program.Spec);
        await pool.WarmAsync(CancellationToken.None);
        double first = watch.Elapsed.TotalSeconds;
        while (pool.GetStatistics().IdleCount < agents)
            await Task.Delay(5);
        double all = watch.Elapsed.TotalSeconds;

        double worst = 0;
        for (int i = 0; i < Prompts; i++)
        {
            watch.Restart();
            await pool.PromptAsync(new PromptRequest { Prompt = "hello" });
            worst = Math.Max(worst, watch.Elapsed.TotalSeconds);
        }

        return new() { ["first"] = first, ["all"] = all, ["worstPrompt"] = worst, ["threads"] = threads.Most };
    }

    /// <summary>Looks from a thread of its own, because the thread pool may be the one that has no thread left.</summary>
    private sealed class ThreadSampler : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _done;
        private volatile int _most;

        public ThreadSampler()
        {
            _thread = new Thread(() =>
            {
                while (!_done)
                {
                    _most = Math.Max(_most, ThreadPool.ThreadCount);
                    Thread.Sleep(10);
                }
            });
            _thread.Start();
        }

        public int Most => _most;

        public void Dispose()
        {
            _done = true;
            _thread.Join();
        }
    }
}
