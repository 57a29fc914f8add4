using KiroPool.Engine.Agents;
using KiroPool.Engine.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Processes;

/// <summary>
/// Closed stdin, SIGTERM, SIGKILL, each after its grace. With the fake clock the test decides when the ladder moves on,
/// and the exit code shows the step that ended the agent.
/// </summary>
public sealed class StopLadderTests
{
    private const int KilledBySignal = 128 + 9;
    private const string IgnoreEof = "while :; do sleep 0.05; done";

    private static readonly StopGraces Graces = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
    private readonly FakeTimeProvider _clock = new();

    public StopLadderTests() => ShellAgent.Require();

    [Fact]
    public async Task An_agent_that_ends_with_its_stdin_gets_no_signal()
    {
        await using ShellAgent agent = await ReadyAsync("trap 'exit 99' TERM; echo ready; cat; exit 5");

        await agent.StopAsync(Graces, _clock).InTime();

        Assert.Equal(5, await agent.Process.Exited);
    }

    [Fact]
    public async Task An_agent_that_ignores_its_closed_stdin_gets_SIGTERM_after_the_grace()
    {
        await using ShellAgent agent = await ReadyAsync($"trap 'exit 7' TERM; echo ready; cat; echo eof; {IgnoreEof}");

        Task stop = agent.StopAsync(Graces, _clock);
        Assert.Equal("eof", await agent.ReadLineAsync());
        _clock.Advance(Graces.AfterInputClosed - TimeSpan.FromMilliseconds(1));
        Assert.True(ShellAgent.IsRunning(agent.Process.Id));

        // Just before the next step, however long the agent takes to end.
        await AdvanceUntilAsync(agent.Process.Exited, Graces.AfterTerminate - TimeSpan.FromMilliseconds(1));
        Assert.Equal(7, await agent.Process.Exited);
        await AdvanceUntilAsync(stop, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task An_agent_that_ignores_SIGTERM_is_killed()
    {
        await using ShellAgent agent = await ReadyAsync($"trap '' TERM; echo ready; {IgnoreEof}");

        Task stop = agent.StopAsync(Graces, _clock);
        await AdvanceUntilAsync(stop, TimeSpan.FromMinutes(1));

        Assert.Equal(KilledBySignal, await agent.Process.Exited.InTime());
    }

    [Fact]
    public async Task Without_graces_an_agent_is_killed_at_once()
    {
        await using ShellAgent agent = await ReadyAsync($"trap '' TERM; echo ready; {IgnoreEof}");

        await agent.StopAsync(StopGraces.None, _clock).InTime();

        Assert.Equal(KilledBySignal, await agent.Process.Exited);
    }

    [Fact]
    public async Task A_second_stop_without_graces_hurries_the_first()
    {
        await using ShellAgent agent = await ReadyAsync($"trap '' TERM; echo ready; {IgnoreEof}");

        Task first = agent.StopAsync(Graces, _clock);
        Task second = agent.StopAsync(StopGraces.None, _clock);

        await Task.WhenAll(first, second).InTime();
        Assert.Equal(KilledBySignal, await agent.Process.Exited);
    }

    [Fact]
    public async Task An_ended_agent_is_stopped_at_once()
    {
        await using var agent = ShellAgent.Start("exit 3");
        await agent.Process.Exited.InTime();

        await agent.StopAsync(Graces, _clock).InTime();

        Assert.Equal(3, await agent.Process.Exited);
    }

    [Theory]
    [InlineData("sleep 1000 & echo $!; cat", "a child that outlives its stdin")]
    [InlineData("(trap '' TERM; exec sleep 1000) & echo $!; cat", "a child that ignores SIGTERM")]
    [InlineData("(trap '' TERM HUP; sleep 1000 & echo $!; wait) & cat", "a grandchild")]
    public async Task The_whole_group_is_ended_with_its_leader(string script, string who)
    {
        await using var agent = ShellAgent.Start(script);
        int child = await agent.ReadIdAsync();

        Task stop = agent.StopAsync(Graces, _clock);
        Assert.Equal(0, await agent.Process.Exited.InTime());
        await AdvanceUntilAsync(stop, TimeSpan.FromMinutes(1));

        Assert.False(ShellAgent.IsRunning(child), who);
    }

    [Fact]
    public async Task A_stop_waits_for_the_children_of_an_ended_agent()
    {
        await using var agent = ShellAgent.Start("(trap '' TERM; exec sleep 1000) >/dev/null & echo $!");
        int child = await agent.ReadIdAsync();
        await agent.Process.Exited.InTime();

        Task stop = agent.StopAsync(Graces, _clock);
        Assert.False(stop.IsCompleted);
        await AdvanceUntilAsync(stop, TimeSpan.FromMinutes(1));

        Assert.False(ShellAgent.IsRunning(child));
    }

    [Fact]
    public async Task A_descendant_that_left_the_group_is_ended_too()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setsid") || File.Exists("/bin/setsid"), "Needs setsid(1), which macOS does not have.");
        await using var agent = ShellAgent.Start("setsid sh -c 'trap \"\" TERM; echo $$; exec sleep 1000' & cat");
        int escaped = await agent.ReadIdAsync();

        await AdvanceUntilAsync(agent.StopAsync(Graces, _clock), TimeSpan.FromMinutes(1));

        Assert.False(ShellAgent.IsRunning(escaped));
    }

    [Fact]
    public async Task Another_agents_tree_is_not_touched()
    {
        await using ShellAgent neighbour = await ReadyAsync("echo ready; cat");
        await using ShellAgent agent = await ReadyAsync($"trap '' TERM; echo ready; {IgnoreEof}");

        await agent.StopAsync(StopGraces.None, _clock).InTime();

        Assert.True(ShellAgent.IsRunning(neighbour.Process.Id));
        Assert.False(neighbour.Process.Exited.IsCompleted);
    }

    private static async Task<ShellAgent> ReadyAsync(string script)
    {
        var agent = ShellAgent.Start(script);
        Assert.Equal("ready", await agent.ReadLineAsync());
        return agent;
    }

    /// <summary>
    /// Moves the clock on in small steps, <paramref name="most"/> at most, until something has happened: real processes
    /// take real time to end, and the stop looks for them by this clock.
    /// </summary>
    private async Task AdvanceUntilAsync(Task happened, TimeSpan most)
    {
        TimeSpan step = TimeSpan.FromMilliseconds(50);
        for (TimeSpan passed = TimeSpan.Zero; !happened.IsCompleted && passed + step <= most; passed += step)
        {
            _clock.Advance(step);
            await Task.WhenAny(happened, Task.Delay(5));
        }

        await happened.InTime();
    }
}
