using KiroPool.Engine.Pooling;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class StopLadderTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    private static PoolOptions ShortGraces { get; } = new() { MinSize = 0, MaxSize = 3, MaxStarting = 3, StopGrace = Grace, KillGrace = Grace };

    [Theory]
    [InlineData(false, false, "none", false)]
    [InlineData(false, false, "group", false)]
    [InlineData(false, false, "setsid", false)]
    [InlineData(true, false, "none", false)]
    [InlineData(false, true, "none", false)]
    [InlineData(true, true, "none", true)]
    [InlineData(true, true, "setsid", true)]
    public async Task A_stop_leaves_no_process_of_a_stubborn_agent(bool ignoreEof, bool ignoreSigterm, string grandchild, bool wrapper)
    {
        await using var pool = new SimulatedPool(new { ignoreEof, ignoreSigterm, grandchild, wrapper }, ShortGraces);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => pool.AskAsync($"[[sleep 50]] {i}")));
        await pool.IdleAsync(3);
        Assert.Equal(3 * (1 + (wrapper ? 1 : 0) + (grandchild == "none" ? 0 : 1)), pool.Agent.Processes.Count);

        await pool.Pool.StopAsync(PoolStopMode.Drain).InTime();
        Assert.Empty(pool.Agent.Processes);
    }

    [Fact]
    public async Task A_polite_agent_is_not_signalled()
    {
        await using var pool = new SimulatedPool();
        await pool.AskAsync("hello");
        await pool.Pool.StopAsync(PoolStopMode.Drain).InTime();

        Assert.Equal(1, pool.Agent.Count("eof"));
        Assert.Equal(0, pool.Agent.Count("signal"));
    }

    [Fact]
    public async Task An_agent_that_ignores_the_end_of_its_input_gets_a_signal_after_its_grace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals.");
        await using var pool = new SimulatedPool(new { ignoreEof = true }, ShortGraces);
        await pool.AskAsync("hello");
        DateTime asked = DateTime.UtcNow;
        await pool.Pool.StopAsync(PoolStopMode.Drain).InTime();

        // Not measured from the agent's own log, because the agent may be late.
        Assert.Single(pool.Agent.Of("eof"));
        TimeSpan after = Assert.Single(pool.Agent.Of("signal")).Time - asked;
        Assert.True(after >= Grace - TimeSpan.FromMilliseconds(20), $"The signal came after {after.TotalMilliseconds} ms, and the grace is {Grace.TotalMilliseconds} ms.");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("setsid")]
    public async Task The_children_of_a_dead_wrapper_are_found(string grandchild)
    {
        await using var pool = new SimulatedPool(new { wrapper = true, ignoreEof = true, ignoreSigterm = true, grandchild }, ShortGraces);
        PromptResult result = await pool.AskAsync("hello");
        LiveProcesses.Kill(result.ProcessId!.Value);

        await pool.IdleAsync(0);
        Assert.Empty(pool.Agent.Processes);
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
    }

    [Fact]
    public async Task Ending_one_agent_leaves_its_sibling_alone()
    {
        await using var pool = new SimulatedPool(
            new { wrapper = true, ignoreEof = true, ignoreSigterm = true, grandchild = "setsid" }, ShortGraces with { CancelGrace = TimeSpan.FromMilliseconds(100) });
        await Task.WhenAll(Enumerable.Range(0, 2).Select(i => pool.AskAsync($"[[sleep 100]] {i}")));
        await pool.IdleAsync(2);
        int updates = 0;
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> sibling =
            pool.RunAsync(new PromptRequest { Prompt = "[[sleep 60000]] [[chunks 3000]] " + new string('.', 3000), OnUpdate = _ => Interlocked.Increment(ref updates) }, cancel.Token);
        await Eventually.HoldsAsync(() => updates > 0);
        using var end = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> ended = pool.RunAsync(new PromptRequest { Prompt = "[[deaf]]" }, end.Token);
        await pool.LoggedAsync("prompt", 4);
        await end.CancelAsync();
        Assert.Equal("Cancelled", (await ended).Result.Outcome);
        await pool.LoggedAsync("eof");
        await Eventually.HoldsAsync(() => pool.Statistics is { StoppingCount: 0, ActiveCount: 1, IdleCount: 0 });

        // The sibling's wrapper, agent and grandchild, and the agent goes on answering.
        Assert.Equal(3, pool.Agent.Processes.Count);
        int before = updates;
        await Eventually.HoldsAsync(() => updates > before);
        await cancel.CancelAsync();
        Assert.Equal("Cancelled", (await sibling).Result.Outcome);
        await pool.IdleAsync(1);
    }

    [Fact]
    public async Task A_second_stop_hurries_the_first_one()
    {
        await using var pool = new SimulatedPool(new { ignoreEof = true, ignoreSigterm = true }, ShortGraces with { StopGrace = TimeSpan.FromMinutes(5) });
        await pool.AskAsync("hello");
        Task slow = pool.Pool.StopAsync(PoolStopMode.Drain);
        await pool.LoggedAsync("eof");
        await pool.Pool.StopAsync(PoolStopMode.Kill).InTime();

        await slow.InTime();
        Assert.Empty(pool.Agent.Processes);
    }

    [Theory]
    [InlineData("setsid")]
    [InlineData("perl")]
    public async Task With_each_session_starter_an_agent_leads_its_own_session_and_ends_whole(string tool)
    {
        SessionStarter? starter = tool == "perl" ? SessionStarter.Perl : SessionStarter.Setsid;
        Assert.SkipWhen(starter is null, OperatingSystem.IsWindows() ? "Windows has no sessions of processes." : $"There is no {tool} here.");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc, which only Linux has.");
        using var agent = new SimulatedAgent(new { ignoreEof = true, ignoreSigterm = true, grandchild = "setsid" });
        string[] arguments = ["acp", "--trust-tools", "a 'b' \"c\" $(d) ; ä"];
        AgentProcess process = AgentLauncher.Start(new AgentCommand(agent.Spec.Executable, arguments, agent.Folder, agent.Spec.Environment), starter);
        await Eventually.HoldsAsync(() => agent.Count("grandchild") == 1);

        Assert.Equal((process.Id, process.Id), (ProcStat.TryRead(process.Id)!.Value.GroupId, ProcStat.TryRead(process.Id)!.Value.SessionId));
        Assert.Equal(string.Join(' ', arguments), Assert.Single(agent.Of("start")).Text);
        Assert.Equal(2, agent.Processes.Count);
        await process.StopAsync(ShortGraces.ConnectionLimits.StopGraces, TimeProvider.System).InTime();
        agent.AssertNothingLives();
    }
}
