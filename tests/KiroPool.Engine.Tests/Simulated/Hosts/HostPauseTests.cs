using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

/// <summary>
/// A host that is stopped (SIGSTOP) and goes on (SIGCONT) while its agent works: every limit passes meanwhile, and what the
/// agent has said waits in the pipe.
/// </summary>
[Long]
public sealed class HostPauseTests
{
    // The longest limit of these tests, and a second.
    private static readonly TimeSpan Longer = TimeSpan.FromSeconds(6);

    public HostPauseTests() => ShellAgent.Require();

    [Theory]
    [InlineData("inactivity=3 retry=3")]
    [InlineData("timeout=3 retry=3")]
    [InlineData("timeout=3 inactivity=3 retry=3")]
    public async Task An_answer_that_came_while_the_host_stood_still_counts_and_its_prompt_runs_once(string limits)
    {
        using var agent = new SimulatedAgent(new { turnMs = 2000, chunks = 1 });
        using var host = new HostProcess(agent);

        string answer = await PausedAsync(host, agent, $"ask warm=1 {limits} | hello", from: "prompt", until: "turn-end", times: 2);

        Assert.Equal("Completed [] You said: hello", answer);
        Assert.Equal(["warm up", "hello"], agent.Prompts);
        Assert.Equal(0, agent.Count("cancel"));
    }

    [Theory]
    [InlineData("start", "initialize")]
    [InlineData("session", "session/new")]
    public async Task A_step_of_the_start_that_was_answered_while_the_host_stood_still_counts(string limit, string from)
    {
        using var agent = new SimulatedAgent(new { initializeMs = limit == "start" ? 2000 : 0, firstSessionMs = limit == "session" ? 2000 : 0 });
        using var host = new HostProcess(agent);

        string answer = await PausedAsync(host, agent, $"ask {limit}=5 | hello", from, until: null);

        Assert.Equal("Completed [] You said: hello", answer);
        Assert.Equal(1, agent.Count("initialize"));
    }

    [Fact]
    public async Task A_permission_handler_gets_its_time_though_the_host_stood_still()
    {
        using var agent = new SimulatedAgent();
        using var host = new HostProcess(agent);

        string answer = await PausedAsync(host, agent, "ask warm=1 handler=3 handling=2 | [[permission edit]] hello", from: "prompt", until: null, times: 2);

        Assert.StartsWith("Completed [Allowed by Handler]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_ended_its_cancelled_turn_while_the_host_stood_still_is_kept()
    {
        using var agent = new SimulatedAgent(new { faults = new[] { new { at = "cancel", @do = "slow", ms = 1000 } } });
        using var host = new HostProcess(agent);

        string answer = await PausedAsync(host, agent, "ask warm=1 timeout=2 grace=3 again=1 | [[hang]]", from: "cancel", until: null);

        Assert.StartsWith("TimedOut PromptTimedOut 1 ", answer, StringComparison.Ordinal);
        Assert.Equal(1, agent.Count("initialize"));
    }

    [Fact]
    public async Task An_agent_that_said_nothing_is_given_up_soon_after_the_host_goes_on()
    {
        using var agent = new SimulatedAgent();
        using var host = new HostProcess(agent);

        string answer = await PausedAsync(host, agent, "ask warm=1 inactivity=3 grace=1 | [[hang]]", from: "prompt", until: null, times: 2);

        Assert.StartsWith("TimedOut AgentSilent", answer, StringComparison.Ordinal);
    }

    /// <summary>Has the host ask, stops it when the agent's log shows an event, and has it go on when its limits have long passed.</summary>
    private static async Task<string> PausedAsync(HostProcess host, SimulatedAgent agent, string question, string from, string? until, int times = 1)
    {
        await host.TellAsync(question);
        await Eventually.HoldsAsync(() => agent.Count(from) >= times);
        await host.PauseAsync();
        if (until is not null)
            await Eventually.HoldsAsync(() => agent.Count(until) >= times);
        await Task.Delay(Longer, TestContext.Current.CancellationToken);
        await host.ResumeAsync();
        return await host.AnswerAsync();
    }
}
