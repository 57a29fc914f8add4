using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>An agent that forgets, repeats, refuses and loses what it should not.</summary>
public sealed class AcpOddAgentTests : IDisposable
{
    // Writes the methods it is asked for to "calls". A resumed session does not tell its mode. A fork has the id of its
    // original. The list of stored sessions repeats its cursor. While "wait" exists, no session is made; while "hang" exists,
    // none is loaded; while "refuse" exists, none that was loaded gets a model. "cost" is the cost of the session so far.
    // While "long" exists, an answer has a part that is too long to keep, whose session is at its end. "throttled" is the
    // session of a throttling notice before an error, "drift" a session whose mode changes when another is prompted.
    private const string Script = """
        made=0
        while read -r line; do
            id=${line#*'"id":'}; id=${id%%[!0-9]*}
            method=${line#*'"method":"'}; method=${method%%\"*}
            session=${line#*'"sessionId":"'}; session=${session%%\"*}
            echo "$method" >> calls
            answer='{}'
            case $method in
                initialize) answer='{"protocolVersion":1,"agentCapabilities":{"loadSession":true,"sessionCapabilities":{"close":{},"fork":{},"list":{}}}}' ;;
                session/new)
                    while [ -e wait ]; do sleep 0.05; done
                    made=$((made + 1))
                    answer='{"sessionId":"s'$$-$made'","modes":{"currentModeId":"a","availableModes":[{"id":"a"},{"id":"b"}]},"models":{"currentModelId":"m","availableModels":[{"modelId":"m"},{"modelId":"n"}]}}' ;;
                session/load)
                    if [ -e hang ]; then continue; fi
                    loaded=1
                    echo '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"'$session'","update":{"sessionUpdate":"user_message_chunk","content":{"type":"text","text":"one"}}}}' ;;
                session/fork) answer='{"sessionId":"'$session'"}' ;;
                session/list) answer='{"sessions":[{"sessionId":"a"}],"nextCursor":"again"}' ;;
                session/set_model) if [ "$loaded" ] && [ -e refuse ]; then echo '{"jsonrpc":"2.0","id":'$id',"error":{"code":-32603,"message":"Not now"}}'; continue; fi ;;
                session/prompt)
                    if [ -e cost ]; then
                        read -r amount < cost
                        echo '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"'$session'","update":{"sessionUpdate":"usage_update","used":1,"size":10,"cost":{"amount":'$amount',"currency":"USD"}}}}'
                    fi
                    if [ -e long ]; then
                        printf %s '{"jsonrpc":"2.0","method":"session/update","params":{"update":{"content":{"type":"text","text":"'
                        head -c 67108864 /dev/zero | tr '\0' x
                        echo '"},"sessionUpdate":"agent_message_chunk"},"sessionId":"'$session'"}}'
                    fi
                    if [ -e drift ]; then
                        read -r other < drift
                        echo '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"'$other'","update":{"sessionUpdate":"current_mode_update","currentModeId":"b"}}}'
                    fi
                    if [ -e throttled ]; then
                        read -r whose < throttled
                        if [ "$whose" = own ]; then whose=$session; fi
                        echo '{"jsonrpc":"2.0","method":"_kiro.dev/error/rate_limit","params":{"sessionId":"'$whose'","message":"Slow down."}}'
                        echo '{"jsonrpc":"2.0","id":'$id',"error":{"code":-32603,"message":"It broke"}}'
                        continue
                    fi
                    answer='{"stopReason":"end_turn"}' ;;
                *cancel*) continue ;;
            esac
            echo '{"jsonrpc":"2.0","id":'$id',"result":'$answer'}'
        done
        """;

    private readonly TempFolder _temp = new();

    public AcpOddAgentTests() => ShellAgent.Require();

    private string[] Calls => File.ReadAllLines(Path.Combine(_temp.FullName, "calls"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_model_is_set_again_after_a_change_of_the_agent_which_may_have_its_own()
    {
        await using AgentPool pool = Start(agent: "b", model: "m");

        Assert.Equal("Completed", (await pool.PromptAsync(new PromptRequest { Prompt = "one" }, Token).InTime()).Outcome);

        Assert.Equal(["initialize", "session/new", "session/set_mode", "session/set_model"], Calls[..4]);
    }

    [Fact]
    public async Task An_agent_is_set_again_in_a_resumed_conversation_even_if_it_is_the_default_of_the_process()
    {
        await using AgentPool pool = Start(agent: "a");
        Session session = await TalkAndEndAsync(pool);
        Assert.DoesNotContain("session/set_mode", Calls);

        Assert.True((await session.SayAsync("two")).Resumed);

        Assert.Contains("session/set_mode", Calls);
    }

    [Fact]
    public async Task A_resumed_conversation_that_cannot_get_its_model_is_not_closed_at_the_agent()
    {
        await using AgentPool pool = Start(model: "n");
        Session session = await TalkAndEndAsync(pool);
        _temp.File("refuse");

        PromptFailedException refused = await Assert.ThrowsAsync<PromptFailedException>(() => session.SayAsync("two"));
        await pool.StopAsync(PoolStopMode.Drain).InTime();

        Assert.Equal(FailureKind.ModelNotFound, refused.Kind);
        Assert.DoesNotContain("session/close", Calls);
    }

    [Fact]
    public async Task A_fork_with_the_id_of_its_conversation_is_refused()
    {
        await using AgentPool pool = Start();
        Session session = pool.Sessions.Create("s");
        await session.SayAsync("one");

        PromptFailedException refused = await Assert.ThrowsAsync<PromptFailedException>(() => session.PromptAsync(new PromptRequest { Prompt = "two", Fork = true }, Token).InTime());

        Assert.Equal(FailureKind.ProtocolViolation, refused.Kind);
        Assert.Contains("without a new session id", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_repeats_its_cursor_ends()
    {
        await using AgentPool pool = Start();

        Assert.Equal(["a", "a"], (await pool.Saved.ListAsync(cancellationToken: Token).InTime()).Select(saved => saved.SessionId));

        Assert.Equal(2, Calls.Count(method => method == "session/list"));
    }

    [Fact]
    public async Task A_cost_that_falls_during_a_session_is_no_negative_cost_of_a_turn()
    {
        await using AgentPool pool = Start();
        Session session = pool.Sessions.Create("s");
        var costs = new List<decimal?>();
        foreach (string soFar in new[] { "5", "8", "2", "3" })
        {
            _temp.File("cost", soFar + "\n");
            costs.Add((await session.SayAsync(soFar)).Cost);
        }

        Assert.Equal([5, 3, null, 1], costs);
    }

    [Fact]
    public async Task A_session_whose_prompt_was_cancelled_before_it_was_made_is_for_the_next_prompt()
    {
        await using AgentPool pool = Start();
        string wait = Path.Combine(_temp.FullName, "wait");
        await pool.PromptAsync(new PromptRequest { Prompt = "one", OnSending = (_, _) => File.WriteAllText(wait, "") }, Token).InTime();
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException?)> second = pool.RunAsync(new PromptRequest { Prompt = "two" }, cancel.Token);
        await Eventually.HoldsAsync(() => pool.GetStatistics().ActiveCount == 1);
        await cancel.CancelAsync();
        Assert.Equal("Cancelled", (await second.InTime()).Result.Outcome);
        File.Delete(wait);

        PromptResult third = await pool.PromptAsync(new PromptRequest { Prompt = "three" }, Token).InTime();

        Assert.EndsWith("-2", third.SessionId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_whose_resume_was_abandoned_serves_nothing_more()
    {
        await using AgentPool pool = Start();
        Session session = await TalkAndEndAsync(pool);
        string hang = _temp.File("hang");
        using var cancel = new CancellationTokenSource();
        Task open = session.OpenAsync(cancel.Token);
        await Eventually.HoldsAsync(() => Calls.Contains("session/load"));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open.InTime());
        File.Delete(hang);

        Assert.True((await session.SayAsync("two")).Resumed);

        Assert.Equal(3, Calls.Count(method => method == "initialize"));
    }

    [Fact]
    public async Task A_conversation_whose_agent_changed_before_its_first_prompt_gets_no_prompt()
    {
        await using AgentPool pool = Start(agent: "a", sessionsPerProcess: 2);
        Session waiting = pool.Sessions.Create("waiting"), busy = pool.Sessions.Create("busy");
        await waiting.OpenAsync(Token).InTime();
        _temp.File("drift", waiting.SessionId + "\n");
        await busy.SayAsync("one");

        PromptFailedException changed = await Assert.ThrowsAsync<PromptFailedException>(() => waiting.SayAsync("two"));

        Assert.Equal((FailureKind.AgentNotFound, "a"), (changed.Kind, changed.Value));
        Assert.Equal(1, Calls.Count(method => method == "session/prompt"));
    }

    [Theory]
    [InlineData("own", FailureKind.RateLimited)]
    [InlineData("another", FailureKind.AgentError)]
    public async Task A_throttling_notice_for_another_session_is_not_the_reason_of_an_error(string session, FailureKind kind)
    {
        await using AgentPool pool = Start();
        _temp.File("throttled", session + "\n");

        Assert.Equal(kind, (await Assert.ThrowsAsync<PromptFailedException>(() => pool.PromptAsync(new PromptRequest { Prompt = "one" }, Token).InTime())).Kind);
    }

    [Fact]
    public async Task A_lost_part_of_an_answer_whose_session_is_lost_with_it_fails_the_running_prompt()
    {
        await using AgentPool pool = Start();
        _temp.File("long");

        PromptFailedException lost = await Assert.ThrowsAsync<PromptFailedException>(() => pool.PromptAsync(new PromptRequest { Prompt = "one" }, Token).InTime());

        Assert.Equal(FailureKind.ProtocolViolation, lost.Kind);
        Assert.Contains("A part of the answer was", lost.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("")]
    public async Task A_prompt_whose_meta_is_no_object_is_not_sent_and_its_session_goes_on(string meta)
    {
        await using AgentPool pool = Start();
        Session session = pool.Sessions.Create("s");

        PromptFailedException failed = await Assert.ThrowsAsync<PromptFailedException>(() => session.PromptAsync(new PromptRequest { Prompt = "one", Meta = meta }, Token).InTime());
        Assert.Equal("Completed", (await session.SayAsync("two")).Outcome);
        await pool.StopAsync(PoolStopMode.Drain).InTime();

        Assert.Equal(("Failed", FailureKind.NotSupported), (failed.Result.Outcome, failed.Kind));
        Assert.Single(Calls, "session/prompt");
    }

    private static async Task<Session> TalkAndEndAsync(AgentPool pool)
    {
        Session session = pool.Sessions.Create("s");
        await LiveProcesses.EndAsync((await session.SayAsync("one")).ProcessId!.Value);
        await Eventually.HoldsAsync(() => session.State == "Suspended");
        return session;
    }

    private AgentPool Start(string? agent = null, string? model = null, int sessionsPerProcess = 1) => new(
        new PoolOptions { MinSize = 0, MaxSize = 1, SessionsPerProcess = sessionsPerProcess },
        new AgentSpec { Executable = "/bin/sh", Arguments = ["-c", Script], WorkingDirectory = _temp.FullName, Agent = agent, Model = model });
}
