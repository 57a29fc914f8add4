using System.Diagnostics;
using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Sessions;

public sealed class EnterKiroSessionTests
{
    [Fact]
    public void A_conversation_remembers_its_turns_and_exit_leaves_it()
    {
        var host = new ScriptedHost("first", "", "history", "exit", "not read");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        Ran ran = module.Run("Enter-KiroSession").WithoutError();

        Assert.Empty(ran.Output);
        Assert.Contains("You said: first", host.Screen, StringComparison.Ordinal);
        Assert.Contains("1 earlier prompt:\nfirst", host.Screen, StringComparison.Ordinal);
        Assert.Equal(["first", "history"], agent.Prompts);
    }

    [Fact]
    public void PassThru_gives_the_result_of_each_turn()
    {
        var host = new ScriptedHost("one", "two", "exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        IReadOnlyList<PromptResult> results = module.Run("Enter-KiroSession -PassThru").WithoutError().Results;

        Assert.Equal([(0, "You said: one"), (1, "You said: two")], results.Select(r => (r.Index, r.Text)));
        Assert.Single(results.Select(r => r.SessionId).Distinct());
    }

    [Fact]
    public void The_answer_appears_while_the_agent_still_works()
    {
        var host = new ScriptedHost("[[sleep 3000]] [[chunks 2]] tell me");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);
        using RunningScript session = module.Begin("Enter-KiroSession");

        Eventually.Holds(() => host.Screen.Contains("You said", StringComparison.Ordinal));

        Assert.Equal(0, agent.Count("turn-end"));
        Assert.DoesNotContain("tell me", host.Screen, StringComparison.Ordinal);
        host.Type("exit");
        session.End().WithoutError();
        Assert.Contains("tell me", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void The_agent_is_returned_and_the_next_prompt_does_not_see_the_conversation()
    {
        var host = new ScriptedHost("a secret", "exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        PromptResult next = module.Run("Enter-KiroSession; Invoke-KiroPrompt 'history'").WithoutError().Result;

        Assert.Equal("No earlier prompts.", next.Text);
        Eventually.Holds(() => module.Statistics().IdleCount == 1);
        Assert.Equal(1, agent.Count("start"));
    }

    [Fact]
    public void A_turn_that_fails_does_not_end_the_conversation()
    {
        var host = new ScriptedHost("before", "[[error boom]]", "history", "exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        Ran ran = module.Run("Enter-KiroSession");

        Assert.StartsWith("AgentError,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("[[error boom]]", ran.Error.TargetObject);
        Assert.Contains("\nbefore", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_cancels_the_turn()
    {
        var host = new ScriptedHost("[[hang]]");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);
        using RunningScript session = module.Begin("Enter-KiroSession");
        Eventually.Holds(() => agent.Count("prompt") == 1);

        var watch = Stopwatch.StartNew();
        Ran ran = session.Stop();

        // The cancel grace is ten seconds.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Empty(ran.Errors);
        Eventually.Holds(() => module.Statistics() is { IdleCount: 1, Cancelled: 1 });
        Assert.Equal(1, agent.Count("cancel"));
        Assert.Equal(1, agent.LiveProcesses);
    }

    [Fact]
    public void The_conversation_has_the_requested_agent_and_model()
    {
        var host = new ScriptedHost("x", "exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.Run("Start-KiroPool @Agent -MinSize 0").WithoutError();

        PromptResult result = module.Run("Enter-KiroSession -Agent kiro_planner -Model claude-haiku-4.5 -PassThru").WithoutError().Result;

        Assert.Equal(("kiro_planner", "claude-haiku-4.5"), (result.Agent, result.Model));
        Assert.Contains("kiro_planner", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_cannot_prompt_is_an_error_before_any_start()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        ErrorRecord error = module.Run("Enter-KiroSession").Error;

        Assert.Equal("HostCannotPrompt,KiroPool.Commands.EnterKiroSessionCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Equal(module.Run("$Host.Name").Value<string>(), error.TargetObject);
        Assert.Contains("Invoke-KiroPrompt", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Eventually.Holds(() => module.Statistics() is { IdleCount: 1, ActiveCount: 0 });
        Assert.Empty(agent.Prompts);
    }

    [Fact]
    public void Without_a_pool_the_error_shows_a_second_runspace_how_to_share_one()
    {
        using var module = new ModuleRunspace(host: new ScriptedHost("exit"));

        Assert.StartsWith("PoolNotStarted,", module.Run("Enter-KiroSession").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
