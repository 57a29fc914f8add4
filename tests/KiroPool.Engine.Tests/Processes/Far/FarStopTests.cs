using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Processes.Far;

/// <summary>However a far agent ends, and whatever ends its link: nothing of it is left on its host within the limit.</summary>
[Long]
public sealed class FarStopTests : IAsyncDisposable
{
    // A stubborn tree: the agent, a child in its group, and one in a session of its own. All ignore the end of stdin and SIGTERM.
    private const string Stubborn = "trap '' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & echo ready; while :; do sleep 0.1; done";
    private const string Variable = "KIROPOOL_TEST";

    private static readonly StopGraces Graces = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500));

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly FarBench _bench = new(FarBench.Away);

    public FarStopTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in /proc.");

    private IReadOnlyList<int> Left => LiveProcesses.Marked(Variable, _id);

    [Fact]
    public async Task A_polite_agent_ends_with_its_stdin()
    {
        AgentProcess process = await StartAsync("trap 'exit 99' TERM; echo ready; cat >/dev/null; exit 5");

        await process.StopAsync(Graces, TimeProvider.System).InTime();

        Assert.Equal(5, await process.Exited.InTime());
        Assert.Empty(Left);
    }

    [Fact]
    public async Task An_agent_that_ignores_its_closed_stdin_gets_SIGTERM()
    {
        AgentProcess process = await StartAsync("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");

        await process.StopAsync(Graces, TimeProvider.System).InTime();

        Assert.Equal(7, await process.Exited.InTime());
        Assert.Empty(Left);
    }

    [Fact]
    public async Task A_stubborn_tree_is_killed_and_the_stop_ends_after_it()
    {
        AgentProcess process = await StartAsync(Stubborn);
        Assert.InRange(Left.Count, 3, 9);

        await process.StopAsync(Graces, TimeProvider.System).InTime();

        Assert.Empty(Left);
    }

    [Fact]
    public async Task A_forced_stop_kills_at_once()
    {
        AgentProcess process = await StartAsync(Stubborn);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();

        Assert.Empty(Left);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task What_an_ended_agent_has_left_is_ended_before_the_prefix_ends()
    {
        await using var bench = new FarBench();
        AgentProcess process = await StartAsync("setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & echo ready; exit 0", bench);

        Assert.Equal(0, await process.Exited.InTime());
        Assert.Empty(Left);
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
    }

    [Fact]
    public async Task A_prefix_that_is_killed_is_a_lost_link_and_its_agent_is_ended()
    {
        AgentProcess process = await StartAsync(Stubborn);

        await LiveProcesses.EndAsync(process.Id);
        await process.Exited.InTime();
        AgentException failure = await process.ExplainEndAsync(FailureKind.AgentDied, "in this test").InTime();
        await process.StopAsync(Graces, TimeProvider.System).InTime();

        Assert.Empty(Left);
        Assert.Equal((FailureKind.HostLost, "far"), (failure.Kind, failure.Value));
        Assert.True(failure.FencedAt > DateTimeOffset.UtcNow, "The time from which a repetition is safe has passed before the link was lost.");
    }

    [Fact]
    public async Task A_keeper_that_is_killed_on_its_host_is_replaced_and_no_agent_is_ended()
    {
        AgentProcess process = await StartAsync("echo ready; exec cat");
        IReadOnlyList<int> before = Keepers();
        Assert.NotEmpty(before);

        foreach (int id in before)
            LiveProcesses.Kill(id);
        await Eventually.HoldsAsync(() => _bench.Log.Exists(line => line.Contains("It is replaced", StringComparison.Ordinal)));
        await Eventually.HoldsAsync(() => _bench.Link.IsUp && _bench.Link.RoundTrip is not null);

        Assert.False(process.Exited.IsCompleted);
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
        Assert.Empty(Left);
    }

    [Fact]
    public async Task A_link_that_swallows_everything_is_lost_here_and_its_agents_are_ended_there()
    {
        AgentProcess process = await StartAsync(Stubborn);

        foreach (int prefix in (int[])[process.Id, _bench.Link.KeeperProcessId!.Value])
            System.Diagnostics.Process.Start("/bin/kill", ["-STOP", "--", $"-{prefix}"]).WaitForExit();
        await process.Exited.InTime();
        AgentException failure = await process.ExplainEndAsync(FailureKind.AgentDied, "in this test").InTime();
        Task stop = process.StopAsync(Graces, TimeProvider.System);
        await Eventually.HoldsAsync(() => Left.Count == 0);
        Assert.True(DateTimeOffset.UtcNow <= failure.FencedAt, "The agent was ended later than the time that was promised.");
        Assert.False(stop.IsCompleted, "The slot was free while nothing was known of the agent.");
        await stop.InTime();
        Assert.Equal(FailureKind.HostLost, failure.Kind);
        Assert.Contains("-HostLostSec", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_starts_after_the_loss_of_a_link_is_not_ended_with_those_before_it()
    {
        AgentProcess process = await StartAsync(Stubborn);
        foreach (int prefix in (int[])[process.Id, _bench.Link.KeeperProcessId!.Value])
            System.Diagnostics.Process.Start("/bin/kill", ["-STOP", "--", $"-{prefix}"]).WaitForExit();
        await process.Exited.InTime();
        int[] lost = [.. Left];
        Assert.NotEmpty(lost);

        AgentProcess next = await StartAsync("echo ready; exec cat");

        // The lost agent starts sleeps until it is killed, so more may be left for a moment than there were before.
        await Eventually.HoldsAsync(() => !lost.Any(LiveProcesses.IsAlive) && Left.Count <= 1);
        Assert.Single(Left);
        Assert.False(next.Exited.IsCompleted);
        await Task.WhenAll(process.StopAsync(StopGraces.None, TimeProvider.System), next.StopAsync(StopGraces.None, TimeProvider.System)).InTime();
    }

    [Fact]
    public async Task The_keeper_measures_the_memory_of_an_agent_and_what_it_started()
    {
        AgentProcess process = await StartAsync("sleep 100 & echo ready; exec cat");

        await Eventually.HoldsAsync(() => process.ReadMemoryBytes() > 100_000);
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
    }

    [Fact]
    public async Task The_keeper_leaves_with_the_last_agent()
    {
        AgentProcess process = await StartAsync("echo ready; exec cat");
        await process.StopAsync(Graces, TimeProvider.System).InTime();

        await _bench.Link.CloseAsync().InTime();

        await Eventually.HoldsAsync(() => Keepers().Count == 0);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    /// <summary>The shells of this test's keeper: what descends from its prefix.</summary>
    private List<int> Keepers() => _bench.Link.KeeperProcessId is { } prefix ? Descendants(prefix) : [];

    private static List<int> Descendants(int id)
    {
        List<int> all = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int child) && ProcStat.TryRead(child) is { IsDead: false } stat && stat.ParentId == id)
                all.AddRange([child, .. Descendants(child)]);
        }

        return all;
    }

    private async Task<AgentProcess> StartAsync(string script, FarBench? bench = null)
    {
        AgentCommand command = FarBench.Script(script) with { Environment = new Dictionary<string, string?> { [Variable] = _id } };
        AgentProcess process = await (bench ?? _bench).LaunchAsync(command);
        var line = new List<byte>();
        var one = new byte[1];
        while (await process.Output.ReadAsync(one).AsTask().InTime() > 0 && one[0] != '\n')
            line.Add(one[0]);
        Assert.Equal("ready"u8.ToArray(), line);
        return process;
    }
}
