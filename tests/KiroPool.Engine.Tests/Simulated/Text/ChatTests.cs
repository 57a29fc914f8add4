using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>One process per prompt: its input and its success.</summary>
[Long]
public sealed class ChatTests
{
    private static readonly PoolOptions Quick = new() { MinSize = 0, MaxSize = 3, MaxStarting = 3, StopGrace = TimeSpan.FromSeconds(1) };

    [Theory]
    [InlineData("{ }", "[[ratelimit]]", FailureKind.RateLimited, 0)]
    [InlineData("""{ "apiKeyExpired": true }""", "hello", FailureKind.SignInRequired, 0)]
    [InlineData("{ }", "[[error Monthly request limit reached]]", FailureKind.QuotaExceeded, 1)]
    [InlineData("{ }", "[[error Too many requests]]", FailureKind.RateLimited, 1)]
    [InlineData("{ }", "[[error it broke]]", FailureKind.AgentError, 1)]
    [InlineData("""{ "faults": [{ "at": "prompt", "do": "exit0" }] }""", "hello", FailureKind.AgentError, 0)]
    [InlineData("""{ "faults": [{ "at": "prompt", "do": "crash" }] }""", "hello", FailureKind.AgentError, 1)]
    [InlineData("""{ "faults": [{ "at": "session/new", "do": "crash", "code": 3 }] }""", "hello", FailureKind.AgentStartFailed, 3)]
    [InlineData("""{ "faults": [{ "at": "session/new", "do": "crash", "code": 2 }] }""", "hello", FailureKind.AgentStartFailed, 2)]
    public async Task Success_needs_both_the_exit_code_and_an_answer(string settings, string prompt, FailureKind kind, int exitCode)
    {
        await using SimulatedPool pool = Pool(settings);
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = prompt });

        Assert.Equal(("Failed", kind, exitCode), (result.Outcome, failure!.Kind, result.ExitCode));
        Assert.Equal("", result.Text);
        Assert.Null(result.Credits);
        Assert.Contains($"exit code {exitCode}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_text_is_in_the_result_and_in_the_message()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick);
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "[[error it broke]]" });

        Assert.Equal("error: it broke", result.ErrorText);
        Assert.Contains("error: it broke", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_code_is_a_failure_even_with_text()
    {
        await using SimulatedPool pool = Pool("""{ "faults": [{ "at": "streaming", "do": "crash", "code": 1 }] }""");
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello" });

        Assert.Equal(("Failed", FailureKind.AgentError, 1), (result.Outcome, failure!.Kind, result.ExitCode));
        Assert.NotEqual("", result.Text);
    }

    [Fact]
    public async Task A_fallback_reported_on_stderr_is_an_error_even_with_an_answer()
    {
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = "session/new", @do = "silentFallback" } } }, Quick, agent: "kiro_planner", model: "claude-haiku-4.5", protocol: AgentProtocol.Chat);
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello" });

        Assert.Equal((FailureKind.AgentNotFound, "kiro_planner", 0), (failure!.Kind, failure.Value, result.ExitCode));
    }

    [Fact]
    public async Task Only_the_raw_text_contains_control_codes()
    {
        await using SimulatedPool pool = Pool("""{ "faults": [{ "at": "streaming", "do": "garbage" }, { "at": "prompt", "do": "split" }] }""");
        PromptResult result = await pool.AskAsync("Grüße 😀 and more");

        Assert.Equal("You said: Grüße 😀 and more", result.Text.Replace("\uFFFD", "", StringComparison.Ordinal));
        Assert.Contains("\u001b[?25l> \u001b[0mYou", result.RawText, StringComparison.Ordinal);
        Assert.DoesNotContain("38;5;141", result.RawText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Colours_are_off_unless_the_user_turns_them_on()
    {
        using var agent = new SimulatedAgent(protocol: AgentProtocol.Chat);
        var pool = new AgentPool(Quick, WithVariable(agent.Spec, "NO_COLOR", ""));
        PromptResult result = await pool.PromptAsync(new PromptRequest { Prompt = "hello" }).InTime();
        await pool.DisposeAsync();

        Assert.Contains("38;5;141", result.RawText, StringComparison.Ordinal);
        Assert.Equal("You said: hello", result.Text);
    }

    [Fact]
    public async Task A_missing_sign_in_is_reported_before_a_chat_waits_for_a_login()
    {
        await using var pool = new SimulatedPool(new { signedIn = false }, Quick, protocol: AgentProtocol.Chat);
        AgentException failure = await pool.FailAsync("hello");

        Assert.Equal(FailureKind.SignInRequired, failure.Kind);
        Assert.Contains("kiro-cli login", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task An_unanswered_whoami_times_out()
    {
        await using var pool = new SimulatedPool(new { whoAmIMs = 60_000 }, Quick with { StartTimeout = TimeSpan.FromSeconds(1) }, protocol: AgentProtocol.Chat);
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello" });

        Assert.Equal(FailureKind.AgentStartTimedOut, failure!.Kind);
        Assert.Contains("whoami", failure.Message, StringComparison.Ordinal);
        Assert.True(result.Duration >= TimeSpan.FromSeconds(0.9), $"It was abandoned after {result.Duration.TotalMilliseconds} ms.");
    }

    [Fact]
    public async Task A_good_whoami_answer_is_remembered_for_a_while()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick);
        for (int i = 0; i < 3; i++)
            await pool.AskAsync($"{i}");

        Assert.Equal(1, pool.Agent.Count("whoami"));
    }

    [Fact]
    public async Task A_program_with_given_arguments_is_not_asked()
    {
        using var agent = new SimulatedAgent(new { signedIn = true });
        var spec = new AgentSpec
        {
            Executable = agent.Spec.Executable, Arguments = ["chat", "--no-interactive"], WorkingDirectory = agent.Folder, Environment = agent.Spec.Environment, Protocol = AgentProtocol.Chat,
        };
        var pool = new AgentPool(Quick, spec);
        PromptResult result = await pool.PromptAsync(new PromptRequest { Prompt = "hello" }).InTime();
        await pool.DisposeAsync();

        Assert.Equal("You said: hello", result.Text);
        Assert.Equal((0, 0, 1), (agent.Count("whoami"), agent.Count("help"), agent.Count("start")));
    }

    [Fact]
    public async Task Resumed_prompts_of_a_directory_continue_one_conversation_one_at_a_time()
    {
        string store = Directory.CreateTempSubdirectory("kiropool-test-").FullName;
        await using var pool = new SimulatedPool(
            new { turnMs = 80, sessionStore = store }, Quick, protocol: AgentProtocol.Chat, text: new TextSettings { ResumeConversation = true });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => pool.AskAsync($"{i}")));
        PromptResult history = await pool.AskAsync("history");
        Directory.Delete(store, recursive: true);

        Assert.StartsWith("4 earlier prompts:", history.Text, StringComparison.Ordinal);
        string[] order = [.. pool.Agent.Events.Where(e => e.Event is "prompt" or "turn-end").Select(e => e.Event)];
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? "prompt" : "turn-end"), order);
    }

    [Fact]
    public async Task A_resuming_prompt_cancelled_in_the_queue_reaches_no_agent()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick, text: new TextSettings { ResumeConversation = true });
        using var enough = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> first = pool.RunAsync(new PromptRequest { Prompt = "[[hang]]" }, enough.Token);
        await pool.LoggedAsync("prompt");
        (PromptResult second, _) = await pool.RunAsync(new PromptRequest { Prompt = "second", Timeout = TimeSpan.FromMilliseconds(250) });
        await enough.CancelAsync();
        await first;

        Assert.Equal("TimedOut", second.Outcome);
        Assert.Equal("You said: third", (await pool.AskAsync("third")).Text);
        Assert.Equal(["[[hang]]", "third"], pool.Agent.Prompts);
    }

    [Theory]
    [InlineData(false, "", "denied")]
    [InlineData(true, "", "trusted")]
    [InlineData(false, "read,shell", "trusted")]
    [InlineData(false, "read", "denied")]
    public async Task Only_trusted_tools_run(bool all, string tools, string expected)
    {
        var text = new TextSettings { TrustAllTools = all, TrustTools = [.. tools.Split(',', StringSplitOptions.RemoveEmptyEntries)] };
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick, text: text);

        Assert.Contains($"Permission: {expected}", (await pool.AskAsync("[[permission shell]]")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-v; rm -rf / && `echo` $(echo) 'quoted' \"too\"")]
    [InlineData("\t  blanks around are the agent's to trim \n")]
    public async Task A_prompt_is_never_an_argument(string prompt)
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick);

        Assert.Equal($"You said: {prompt.Trim()}", (await pool.AskAsync(prompt)).Text);
        Assert.Equal(["chat --no-interactive"], pool.Agent.Of("start").Select(e => e.Text));
    }

    [Theory]
    [InlineData(false, 2, "Completed")]
    [InlineData(true, 1, "Failed")]
    public async Task A_failed_chat_is_retried_unless_a_trusted_tool_may_have_run(bool trusts, int seen, string outcome)
    {
        string state = Path.GetTempFileName();
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = "prompt", @do = "crash", times = 1, everyProcess = false, state } } },
            Quick, protocol: AgentProtocol.Chat, text: new TextSettings { TrustAllTools = trusts });
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "hello", RetryCount = 1 });
        File.Delete(state);

        Assert.Equal((outcome, seen), (result.Outcome, pool.Agent.Prompts.Count));
    }

    [Fact]
    public async Task An_endless_answer_is_cut_off()
    {
        await using SimulatedPool pool = Pool("""{ "faults": [{ "at": "prompt", "do": "hugeLine", "bytes": 20000000 }, { "at": "prompt", "do": "hang" }] }""");
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello" });

        Assert.Equal(("Failed", FailureKind.ProtocolViolation), (result.Outcome, failure!.Kind));
        Assert.InRange(result.Text.Length, 1_000_000, 16 * 1024 * 1024);
    }

    [Fact]
    public async Task A_resuming_prompt_waits_until_the_cancelled_process_is_gone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal that a process could ignore, so a cancelled process is killed at once.");
        await using var pool = new SimulatedPool(
            new { ignoreSigterm = true }, Quick with { KillGrace = TimeSpan.FromSeconds(2) }, protocol: AgentProtocol.Chat, text: new TextSettings { ResumeConversation = true });
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> first = pool.RunAsync(new PromptRequest { Prompt = "[[deaf]]" }, cancel.Token);
        await pool.LoggedAsync("prompt");
        await cancel.CancelAsync();
        Assert.Equal("Cancelled", (await first).Result.Outcome);

        int deaf = Assert.Single(pool.Agent.Of("prompt")).Pid;
        bool wasThere = LiveProcesses.IsAlive(deaf);
        bool? isThere = null;
        await pool.RunAsync(new PromptRequest { Prompt = "second", OnUpdate = _ => isThere ??= LiveProcesses.IsAlive(deaf) });
        Assert.Equal((true, false), (wasThere, isThere));
    }

    [Fact]
    public async Task Prompt_and_answer_of_a_megabyte_arrive_whole()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick);
        string prompt = string.Concat(Enumerable.Repeat("0123456789abcde\n", 65_536)).Trim();

        Assert.Equal($"You said: {prompt}", (await pool.AskAsync(prompt)).Text);
    }

    [Fact]
    public async Task The_prompt_names_attached_files()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick);
        string path = pool.Agent.AddFile("notes.txt", "content");
        PromptResult result = (await pool.RunAsync(new PromptRequest { Prompt = "Look", Attachments = [new PromptPart.Link(path), new PromptPart.Text("and say")] })).Result;

        Assert.Equal($"You said: Look\n\nFile: {path}\n\nand say", result.Text);
    }

    private static AgentSpec WithVariable(AgentSpec spec, string name, string value) => new()
    {
        Executable = spec.Executable, Protocol = spec.Protocol, UsesKiroCommandLine = spec.UsesKiroCommandLine, WorkingDirectory = spec.WorkingDirectory, Environment = spec.Environment.Add(name, value),
    };

    private static SimulatedPool Pool(string settings, PoolOptions? options = null) =>
        new(System.Text.Json.JsonDocument.Parse(settings).RootElement, options ?? Quick, protocol: AgentProtocol.Chat);
}
