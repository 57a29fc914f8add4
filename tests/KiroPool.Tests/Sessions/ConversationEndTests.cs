using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Sessions;

/// <summary>How conversations of the console end, and what they leave behind.</summary>
public sealed class ConversationEndTests
{
    [Fact]
    public void A_new_conversation_gets_the_only_slot_of_one_that_cannot_be_resumed()
    {
        var host = new ScriptedHost("hello", "/new", "history", "/exit");
        using var agent = new SimulatedAgent(new { loadSession = false });
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        module.Begin("Enter-KiroSession").End().WithoutError();

        Assert.Contains("No earlier prompts.", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_conversation_that_cannot_start_ends_one_that_held_the_only_slot_and_the_next_line_starts_another()
    {
        var host = new ScriptedHost("hello", "/model no-such-model", "history", "/exit");
        using var agent = new SimulatedAgent(new { loadSession = false });
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        IReadOnlyList<string> texts = module.Begin("Enter-KiroSession -PassThru").End().WithoutError().Texts;

        Assert.Contains("no-such-model", host.Screen, StringComparison.Ordinal);
        Assert.Contains("The next line starts a new one.", host.Screen, StringComparison.Ordinal);
        Assert.Equal("No earlier prompts.", texts[1]);
    }

    [Fact]
    public void The_total_counts_the_turns_and_credits_of_all_conversations()
    {
        var host = new ScriptedHost("a", "/new", "b", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(2);

        module.Run("Enter-KiroSession").WithoutError();

        Assert.Matches("2 turns, 0[.,]1 credits", host.Screen);
    }

    [Fact]
    public void A_host_that_cannot_ask_leaves_no_turn_behind()
    {
        var host = new ScriptedHost("[[permission execute]] go") { CannotChoose = true };
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        Assert.StartsWith("HostCannotPrompt,", module.Run("Enter-KiroSession review").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

        Assert.Equal("Completed", module.Run("Invoke-KiroPrompt history -Session review -TimeoutSec 20").WithoutError().Result.Outcome);
    }

    [Fact]
    public void Leaving_a_session_before_it_is_free_removes_nothing_of_others()
    {
        var host = new ScriptedHost();
        using var agent = new SimulatedAgent();
        agent.Parameters.Remove("ArgumentList");
        using var module = new ModuleRunspace(agent, host);
        using var other = new ModuleRunspace(agent);
        PoolInfo pool = module.Run("Start-KiroPool @Agent -Protocol Delimited -MaxSize 2").WithoutError().Value<PoolInfo>();
        using RunningScript prompt = other.Set("Pool", pool).Begin("Invoke-KiroPrompt '[[sleep 3000]] long' -Session review -Pool $Pool");
        Eventually.Holds(() => pool.Pool.GetStatistics().ActiveCount == 1);

        using (RunningScript entering = module.Begin("Enter-KiroSession review"))
        {
            // Nothing shows that the command waits in the line of the session. A stop that comes too early fails no test.
            Thread.Sleep(300);
            entering.Stop();
        }

        Assert.Equal("Completed", prompt.End().WithoutError().Result.Outcome);
        Assert.Equal("review", module.Run("Get-KiroSession").WithoutError().Value<Session>().Name);
    }

    [Fact]
    public void A_session_takes_the_agent_it_was_made_with_although_the_process_names_it_otherwise()
    {
        using var agent = new SimulatedAgent(new { engine = "v3" });
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method=cli" };
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);
        const string command = "Invoke-KiroPrompt 'a' -Session s -Agent kiro_default";

        module.Run(command).WithoutError();

        Assert.Equal("Completed", module.Run(command).WithoutError().Result.Outcome);
        Assert.StartsWith("SessionMismatch,", module.Run("Invoke-KiroPrompt 'a' -Session s -Agent kiro_planner").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
