using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Sessions;

/// <summary>The commands and notes of a conversation.</summary>
public sealed class ConversationTests
{
    [Fact]
    public void An_opening_prompt_is_said_first()
    {
        var host = new ScriptedHost("history", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        module.Run("Enter-KiroSession -Prompt 'say hello'").WithoutError();

        Assert.Equal(["say hello", "history"], agent.Prompts);
        Assert.Contains("> say hello", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_session_is_recalled_and_its_total_is_shown()
    {
        var host = new ScriptedHost("first", "/exit", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        module.Run("Enter-KiroSession review; Enter-KiroSession review").WithoutError();

        Assert.Contains("1 turn so far. The last one: first → You said: first", host.Screen, StringComparison.Ordinal);
        Assert.Matches(@"1 turn, 0[.,]05 credits, .*The session 'review' stays: Enter-KiroSession review", host.Screen);
    }

    [Fact]
    public void Agent_and_model_are_named_once_in_a_short_line_and_the_prompt_is_a_sign()
    {
        var host = new ScriptedHost("one", "two", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        module.Run("Enter-KiroSession").WithoutError();

        string[] lines = host.Screen.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("kiro_default (auto). /help lists the commands.", lines[0]);
        Assert.Equal(3, lines.Count(line => line.StartsWith("> ", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines.Skip(1), line => line.Contains("kiro_default", StringComparison.Ordinal));
    }

    [Fact]
    public void History_lists_the_turns_and_save_writes_them()
    {
        var host = new ScriptedHost("first", "/history", "/save notes.md", "/save notes.md", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        module.Run("Set-Location $Agent.WorkingDirectory; Enter-KiroSession").WithoutError();

        string saved = File.ReadAllText(Path.Combine(agent.Folder, "notes.md"));
        Assert.Contains("> first", saved, StringComparison.Ordinal);
        Assert.Contains("You said: first", saved, StringComparison.Ordinal);
        Assert.Contains("  1 first → You said: first", host.Screen, StringComparison.Ordinal);
        Assert.Contains("was not saved: ", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slash_command_of_the_agent_reaches_it_and_another_one_does_not()
    {
        var host = new ScriptedHost("hello", "/quick-spec a cart", "/nonsense", "//quick-spec", "/exit");
        using var agent = new SimulatedAgent(new { engine = "v3" });
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method=cli" };
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        module.Run("Enter-KiroSession").WithoutError();

        Assert.Equal(["hello", "/quick-spec a cart", "\u2060/quick-spec"], agent.Prompts);
        Assert.Contains("There is no command /nonsense.", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void New_starts_a_new_conversation()
    {
        var host = new ScriptedHost("first", "/new", "history", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        IReadOnlyList<string> texts = module.Run("Enter-KiroSession -PassThru").WithoutError().Texts;

        Assert.Equal("No earlier prompts.", texts[1]);
    }

    [Fact]
    public void A_conversation_that_cannot_be_resumed_says_so_at_once_and_offers_new()
    {
        var host = new ScriptedHost("/new", "history", "/exit");
        using var agent = new SimulatedAgent(new { loadSession = false });
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);
        int process = module.Run("$null = Invoke-KiroPrompt 'a' -Session review; Get-KiroSession review").WithoutError().Value<Session>().ProcessId!.Value;
        Testing.LiveProcesses.Kill(process);
        Eventually.Holds(() => module.Run("Get-KiroSession review").Value<Session>().State is not "Ready");

        Ran ran = module.Run("Enter-KiroSession review -PassThru").WithoutError();

        Assert.Contains("Type /new to start a new conversation", host.Screen, StringComparison.Ordinal);
        Assert.Equal("No earlier prompts.", ran.Result.Text);
        Assert.True(ran.Result.StartedAfresh);
        Assert.DoesNotContain("-AllowNewConversation", host.Screen[host.Screen.IndexOf("Type /new", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Advice_about_a_failed_turn_names_nothing_that_a_conversation_does_not_have()
    {
        var host = new ScriptedHost("[[error boom]]", "[[ratelimit]]", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        Ran ran = module.Run("Enter-KiroSession");

        Assert.Equal(2, ran.Errors.Count);
        Assert.All(ran.Errors, error => Assert.DoesNotContain(" -", " " + error.ErrorDetails.RecommendedAction, StringComparison.Ordinal));
    }

    [Fact]
    public void Both_sides_are_recorded_for_a_transcript()
    {
        var host = new ScriptedHost("say hello", "/exit");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.StartWarm(1);

        Ran ran = module.Run("Enter-KiroSession -InformationVariable said; $said | ForEach-Object { [string] $_.MessageData }").WithoutError();

        Assert.Equal("> say hello", ran.Values<string>().First());
        Assert.StartsWith("You said: say hello", ran.Values<string>().Last(), StringComparison.Ordinal);
    }
}
