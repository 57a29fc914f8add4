using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>Messages and responses with delimiters, and the faults of the Python pool there.</summary>
public sealed class DelimitedTests
{
    private static readonly PoolOptions Quick = new() { MinSize = 0, MaxSize = 2, StopGrace = TimeSpan.FromSeconds(1) };
    private static readonly TextSettings Reuse = new() { ReuseProcesses = true };

    [Fact]
    public async Task By_default_a_process_serves_one_stand_alone_prompt()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick);
        PromptResult first = await pool.AskAsync("one");
        PromptResult second = await pool.AskAsync("history");

        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.Equal("No earlier prompts.", second.Text);
    }

    [Fact]
    public async Task With_ReuseProcesses_a_process_serves_prompts_one_after_the_other()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick, text: Reuse);
        PromptResult[] results = [await pool.AskAsync("one"), await pool.AskAsync("two"), await pool.AskAsync("three")];

        Assert.Single(results.Select(r => r.ProcessId).Distinct());
        Assert.Equal([false, true, true], results.Select(r => r.Reused));
        Assert.Equal(["You said: one", "You said: two", "You said: three"], results.Select(r => r.Text));
        Assert.Equal([0.05m, 0.05m, 0.05m], results.Select(r => r.Credits));
    }

    [Fact]
    public async Task With_ReuseProcesses_a_process_with_a_conversation_serves_no_stand_alone_prompt()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick, text: Reuse);
        int? talked;
        using (Session talk = pool.Pool.Sessions.CreateTemporary())
            talked = (await talk.PromptAsync(new PromptRequest { Prompt = "between us" }).InTime()).ProcessId;
        PromptResult result = await pool.AskAsync("history");

        Assert.Equal("No earlier prompts.", result.Text);
        Assert.NotEqual(talked, result.ProcessId);
    }

    [Fact]
    public async Task A_timed_out_process_is_never_leased_again()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick, text: Reuse);
        PromptResult first = await pool.AskAsync("one");
        (PromptResult late, _) = await pool.RunAsync(new PromptRequest { Prompt = "[[sleep 20000]] late", Timeout = TimeSpan.FromSeconds(2) });
        PromptResult next = await pool.AskAsync("next");

        Assert.Equal(("TimedOut", first.ProcessId), (late.Outcome, late.ProcessId));
        Assert.NotEqual(first.ProcessId, next.ProcessId);
        Assert.Equal("You said: next", next.Text);
    }

    [Fact]
    public async Task A_dead_process_is_replaced()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick, text: Reuse);
        PromptResult first = await pool.AskAsync("one");
        await LiveProcesses.EndAsync(first.ProcessId!.Value);
        PromptResult second = await pool.AskAsync("two");

        Assert.Equal("You said: two", second.Text);
        Assert.NotEqual(first.ProcessId, second.ProcessId);
    }

    [Fact]
    public async Task A_conversation_whose_process_died_is_lost()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick);
        using Session talk = pool.Pool.Sessions.CreateTemporary();
        PromptResult first = await talk.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();
        await LiveProcesses.EndAsync(first.ProcessId!.Value);
        PromptFailedException failure = await Assert.ThrowsAsync<PromptFailedException>(() => talk.PromptAsync(new PromptRequest { Prompt = "two" }).InTime());

        Assert.Equal(FailureKind.SessionLost, failure.Kind);
        Assert.Equal(["one"], pool.Agent.Prompts);
    }

    [Fact]
    public async Task Two_senders_of_a_conversation_do_not_mix()
    {
        await using var pool = new SimulatedPool(new { turnMs = 100 }, protocol: AgentProtocol.Delimited, options: Quick);
        using Session talk = pool.Pool.Sessions.CreateTemporary();
        PromptResult[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => talk.PromptAsync(new PromptRequest { Prompt = $"from {i}" }).InTime()));

        Assert.Equal(Enumerable.Range(0, 4).Select(i => $"You said: from {i}"), results.Select(r => r.Text));
    }

    [Fact]
    public async Task The_delimiters_can_be_chosen()
    {
        var text = new TextSettings { MessageDelimiter = "\u0003", ResponseDelimiter = "ÄÖ\n" };
        await using var pool = new SimulatedPool(
            new { messageDelimiter = text.MessageDelimiter, responseDelimiter = text.ResponseDelimiter, faults = new[] { new { at = "prompt", @do = "split" } } },
            Quick, protocol: AgentProtocol.Delimited, text: text with { ReuseProcesses = true });

        Assert.Equal("You said: one\n---END_OF_MESSAGE---\n.", (await pool.AskAsync("one\n---END_OF_MESSAGE---\n.")).Text);
        Assert.Equal("You said: ÄÄÖÄ", (await pool.AskAsync("ÄÄÖÄ")).Text);
    }

    [Theory]
    [InlineData("a\n---END_OF_MESSAGE---\nb")]
    [InlineData("\n---END_OF_MESSAGE---\nx")]
    [InlineData("a\n---END_OF_MESSAGE---")]
    [InlineData("a\r\n---END_OF_MESSAGE---\r\nb")]
    [InlineData("a\r\n---END_OF_MESSAGE---")]
    public async Task A_message_that_contains_the_delimiter_is_refused_and_not_sent(string prompt)
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick);
        AgentException failure = await pool.FailAsync(prompt);

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Contains("Acp", failure.Message, StringComparison.Ordinal);
        Assert.Empty(pool.Agent.Prompts);
    }

    [Fact]
    public async Task A_message_that_nearly_contains_the_delimiter_is_sent()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Delimited, options: Quick);

        Assert.Equal("You said: a\n---END_OF_MESSAGE--", (await pool.AskAsync("a\n---END_OF_MESSAGE--")).Text);
    }

    [Fact]
    public async Task A_kiro_cli_without_delimiters_is_an_error_and_not_restarted_for_ever()
    {
        await using var pool = new SimulatedPool(
            new { interactive = false }, Quick with { MinSize = 1, BreakerDelay = TimeSpan.FromSeconds(30) }, protocol: AgentProtocol.Delimited);
        _ = pool.Pool.WarmAsync();
        await Eventually.HoldsAsync(() => pool.Statistics.StartsPausedUntil is not null);

        Assert.Contains("unexpected argument '--interactive'", (await pool.FailAsync("hello")).Message, StringComparison.Ordinal);
        Assert.InRange(pool.Statistics.ProcessesCreated, 1, 8);
    }

    [Fact]
    public async Task An_agent_that_sends_an_unrequested_response_is_not_leased_again()
    {
        // Two responses to each message: the second must not be taken for the answer to the next.
        await using ScriptedPool pool = new(@"printf 'one\n---END_OF_RESPONSE---\ntwo\n---END_OF_RESPONSE---\n'");
        PromptResult first = await pool.AskAsync("a");
        PromptResult second = await pool.AskAsync("b");

        Assert.Equal(("one", "one"), (first.Text, second.Text));
        Assert.NotEqual(first.ProcessId, second.ProcessId);
    }

    [Fact]
    public async Task Bytes_after_a_delimiter_start_the_next_response()
    {
        await using ScriptedPool pool = new(@"n=$((n+1)); printf '%s\n---END_OF_RESPONSE---\nnext ' $n");
        PromptResult[] results = [await pool.AskAsync("a"), await pool.AskAsync("b")];

        Assert.Equal(["1", "next 2"], results.Select(r => r.Text));
        Assert.Equal(results[0].ProcessId, results[1].ProcessId);
    }

    [Fact]
    public async Task An_empty_response_is_not_an_answer()
    {
        await using ScriptedPool pool = new(@"printf '\n---END_OF_RESPONSE---\n'");
        (PromptResult result, AgentException? failure) = await pool.Pool.RunAsync(new PromptRequest { Prompt = "a" }, CancellationToken.None).InTime();

        Assert.Equal(("Failed", FailureKind.AgentError), (result.Outcome, failure!.Kind));
    }

    [Fact]
    public async Task An_agent_that_closes_its_output_and_stays_alive_does_not_hang_the_prompt()
    {
        await using ScriptedPool pool = new(@"printf 'half'; exec >&-; sleep 60");
        (PromptResult result, AgentException? failure) = await pool.Pool.RunAsync(new PromptRequest { Prompt = "a" }, CancellationToken.None).InTime();

        Assert.Equal(("Indeterminate", FailureKind.AgentDied, "half"), (result.Outcome, failure!.Kind, result.Text));
    }

    /// <summary>A pool of shell scripts that run a command for each message.</summary>
    private sealed class ScriptedPool : IAsyncDisposable
    {
        public ScriptedPool(string onMessage)
        {
            Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no sh.");
            string script = "while IFS= read -r line; do if [ \"$line\" = '---END_OF_MESSAGE---' ]; then " + onMessage + "; fi; done";
            Pool = new AgentPool(Quick, new AgentSpec
            {
                Executable = "/bin/sh", Arguments = ["-c", script], WorkingDirectory = Path.GetTempPath(), Protocol = AgentProtocol.Delimited, Text = Reuse,
            });
        }

        public AgentPool Pool { get; }

        public Task<PromptResult> AskAsync(string prompt) => Pool.PromptAsync(new PromptRequest { Prompt = prompt }).InTime();

        public async ValueTask DisposeAsync() => await Pool.StopAsync(PoolStopMode.Cancel).InTime();
    }
}
