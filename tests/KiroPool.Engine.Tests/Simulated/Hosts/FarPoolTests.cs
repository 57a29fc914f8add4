using System.Diagnostics;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Processes.Far;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

/// <summary>
/// A pool over hosts that are this machine behind a prefix, with simulated agents: outcomes, the agents' own log, and the
/// processes that are left.
/// </summary>
[Long]
public sealed class FarPoolTests
{
    private static readonly CommandPrefix Away = FarBench.Away;
    private static readonly TimeSpan Lost = TimeSpan.FromSeconds(3);

    // Wrapper, agent, and a grandchild in its own session. All of them ignore every signal except SIGKILL.
    private static readonly object Stubborn = new { wrapper = true, ignoreEof = true, ignoreSigterm = true, grandchild = "setsid" };

    private readonly string _id = Guid.NewGuid().ToString("N");

    public FarPoolTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in /proc.");

    [Theory]
    [InlineData(AgentProtocol.Acp)]
    [InlineData(AgentProtocol.Chat)]
    [InlineData(AgentProtocol.Delimited)]
    public async Task Prompts_run_on_every_host_whatever_the_protocol(AgentProtocol protocol)
    {
        await using var pool = new SimulatedPool(new { turnMs = 1500 }, Options(FarBench.Plain, "a", "b", "c"), protocol: protocol);
        PromptResult[] results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => pool.AskAsync($"prompt {i}")));

        Assert.All(results, result => Assert.Equal("Completed", result.Outcome));
        Assert.Equal(["a", "b", "c"], results.Select(result => result.HostName!).Distinct().Order());
        Assert.Equal(12, pool.Agent.Count("prompt"));
        Assert.All(pool.Statistics.Hosts, host => Assert.Equal("Up", host.State));
        Assert.Equal(12, pool.Statistics.Hosts.Sum(host => host.Completed));
    }

    [Fact]
    public async Task The_result_names_the_process_on_its_host()
    {
        await using var pool = new SimulatedPool(options: Options(FarBench.Plain, "a"));
        PromptResult result = await pool.AskAsync("hello");

        Assert.Equal(pool.Agent.Of("prompt")[0].Pid, result.ProcessId);
        Assert.Equal(("a", result.ProcessId), (pool.Statistics.Processes[0].HostName, pool.Statistics.Processes[0].ProcessId));
    }

    [Fact]
    public async Task A_stubborn_far_tree_is_gone_when_the_pool_has_stopped()
    {
        await using var pool = new SimulatedPool(Stubborn, Options(Away, "a", "b"));
        await Task.WhenAll(pool.AskAsync("one"), pool.AskAsync("two"));
        Assert.NotEmpty(pool.Agent.Processes);

        await pool.Pool.StopAsync(PoolStopMode.Cancel).InTime();

        Assert.Empty(pool.Agent.Processes);
    }

    [Fact]
    public async Task A_link_that_breaks_during_a_prompt_makes_it_indeterminate_and_the_next_runs_elsewhere()
    {
        await using var pool = new SimulatedPool(options: Options(Away, "a", "b") with { MaxSize = 1 });
        await Task.WhenAll(pool.AskAsync("one"), pool.AskAsync("two"));
        Task<(PromptResult Result, AgentException? Failure)> hanging = pool.RunAsync(new PromptRequest { Prompt = "[[hang]]" });
        await Eventually.HoldsAsync(() => pool.Agent.Prompts.Count == 3);
        string host = pool.Statistics.Processes.Single(process => process.State == "Active").HostName;

        Cut(host);
        (PromptResult result, AgentException? failure) = await hanging;
        PromptResult next = await pool.AskAsync("next");

        Assert.Equal(("Indeterminate", FailureKind.HostLost, host), (result.Outcome, failure!.Kind, result.HostName));
        Assert.True(result.FencedAt > DateTimeOffset.UtcNow, "The time from which a repetition is safe has passed already.");
        Assert.NotEqual(host, next.HostName);
        Assert.Equal(4, pool.Agent.Prompts.Distinct().Count());
    }

    [Fact]
    public async Task A_link_that_swallows_everything_leaves_nothing_on_its_host_within_the_limit()
    {
        await using var pool = new SimulatedPool(Stubborn, Options(Away, "a", "b"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => pool.AskAsync($"prompt {i}")));
        await Eventually.HoldsAsync(() => pool.Statistics.StartingCount == 0);
        int[] doomed = [.. pool.Statistics.Processes.Where(process => process.HostName == "a").Select(process => process.ProcessId!.Value)];
        Assert.NotEmpty(doomed);

        Signal("a", "STOP");
        var watch = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => !doomed.Any(LiveProcesses.IsAlive));

        Assert.True(watch.Elapsed < Lost + TimeSpan.FromSeconds(7), $"It took {watch.Elapsed}.");
        await Eventually.HoldsAsync(() => pool.Statistics.Hosts[0].State == "Lost");
        Assert.Equal("b", (await pool.AskAsync("after")).HostName);
    }

    [Fact]
    public async Task A_host_is_used_again_after_its_link_broke()
    {
        await using var pool = new SimulatedPool(options: Options(Away, "a"));
        await pool.AskAsync("before");
        Cut("a");
        await Eventually.HoldsAsync(() => pool.Statistics.IdleCount == 0);

        PromptResult after = await pool.AskAsync("after");

        Assert.Equal(("Completed", "a", "Up"), (after.Outcome, after.HostName, pool.Statistics.Hosts[0].State));
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_takes_no_prompt()
    {
        PoolOptions options = Options(FarBench.Plain, "a") with
        {
            Hosts = new HostList(
                new AgentHost { Name = "down", Prefix = new CommandPrefix("/bin/sh", ["-c", "echo 'No route to host' >&2; exit 255"]) },
                new AgentHost { Name = "up", Prefix = FarBench.Plain }),
        };
        await using var pool = new SimulatedPool(options: options);
        PromptResult[] results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => pool.AskAsync($"prompt {i}")));

        Assert.All(results, result => Assert.Equal(("Completed", "up"), (result.Outcome, result.HostName)));
        PoolHostStatistics down = pool.Statistics.Hosts[0];
        Assert.Equal(("down", "Braked"), (down.HostName, down.State));
        Assert.Contains("No route to host", down.LastFailure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task This_machine_and_far_hosts_share_one_queue()
    {
        PoolOptions options = Options(FarBench.Plain, "far") with { Hosts = new HostList(AgentHost.Local, new AgentHost { Name = "far", Prefix = FarBench.Plain }) };
        await using var pool = new SimulatedPool(new { turnMs = 1500 }, options);
        PromptResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => pool.AskAsync($"prompt {i}")));

        Assert.All(results, result => Assert.Equal("Completed", result.Outcome));
        Assert.Equal(["far", "localhost"], results.Select(result => result.HostName!).Distinct().Order());
    }

    private static void Kill(int group, string signal) => Process.Start("/bin/kill", [$"-{signal}", "--", $"-{group}"]).WaitForExit();

    /// <summary>Breaks every connection to a host; its far sides live on and lose their stdin.</summary>
    private void Cut(string host) => Signal(host, "KILL");

    private void Signal(string host, string signal)
    {
        IReadOnlyList<int> prefixes = LiveProcesses.Running($"{_id}-{host}");
        Assert.NotEmpty(prefixes);
        foreach (int prefix in prefixes)
            Kill(prefix, signal);
    }

    private PoolOptions Options(CommandPrefix prefix, params string[] names) => new()
    {
        MinSize = 0,
        MaxSize = 2,
        HostLostAfter = Lost,
        StopGrace = TimeSpan.FromMilliseconds(500),
        KillGrace = TimeSpan.FromMilliseconds(500),
        Hosts = new HostList(names.Select(name => new AgentHost { Name = name, Prefix = prefix with { Arguments = [.. prefix.Arguments[..^1], $"{_id}-{name}"] } })),
    };
}
