using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>Parts of the protocol that an agent may or may not have: its version, kinds of updates, ways to resume, cancelled requests.</summary>
public sealed class AcpCapabilityTests : IDisposable
{
    // Writes the methods it is asked for to $CALLS. $RESUME is its answer to session/resume. Its session/new number $STALL
    // is not answered before it is cancelled, and then with $CANCELLED.
    private const string Script = """
        new=0
        while read -r line; do
            id=${line#*'"id":'}; id=${id%%[!0-9]*}
            case $line in
                *'"initialize"'*) echo '{"jsonrpc":"2.0","id":'$id','"$INITIALIZE"'}' ;;
                *'"session/new"'*)
                    new=$((new + 1))
                    if [ $new = "$STALL" ]; then stalled=$id; else echo '{"jsonrpc":"2.0","id":'$id',"result":{"sessionId":"s'$$-$id'"}}'; fi ;;
                *'"$/cancel_request"'*)
                    id=${line#*'"requestId":'}; id=${id%%[!0-9]*}
                    echo "cancel $((id == stalled))" >> "$CALLS"
                    if [ -n "$CANCELLED" ]; then echo '{"jsonrpc":"2.0","id":'$id','"$CANCELLED"'}'; fi ;;
                *'"session/resume"'*) echo resume >> "$CALLS"; echo '{"jsonrpc":"2.0","id":'$id','"$RESUME"'}' ;;
                *'"session/load"'*) echo load >> "$CALLS"
                    session=${line#*'"sessionId":"'}; session=${session%%\"*}
                    echo '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"'$session'","update":{"sessionUpdate":"user_message_chunk","content":{"type":"text","text":"one"}}}}'
                    echo '{"jsonrpc":"2.0","id":'$id',"result":{}}' ;;
                *'"session/prompt"'*)
                    session=${line#*'"sessionId":"'}; session=${session%%\"*}
                    for update in $UPDATES '{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"answer"}}'; do
                        echo '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"'$session'","update":'$update'}}'
                    done
                    echo '{"jsonrpc":"2.0","id":'$id',"result":{"stopReason":"end_turn"}}' ;;
            esac
        done
        """;

    private const string Version1 = """ "result":{"protocolVersion":1} """;

    private readonly TempFolder _temp = new();

    public AcpCapabilityTests() => ShellAgent.Require();

    private string[] Calls => File.Exists(CallFile) ? File.ReadAllLines(CallFile) : [];

    private string CallFile => Path.Combine(_temp.FullName, "calls");

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(""" "error":{"code":-32022,"message":"Unsupported protocol version","data":{"requested":1,"supported":[2,3]}} """, "has only the versions 2, 3 and not version 1")]
    [InlineData(""" "error":{"code":-32022,"message":"Unsupported protocol version"} """, "does not have version 1")]
    [InlineData(""" "result":{"protocolVersion":2} """, "has only version 2 and not version 1")]
    public async Task An_agent_of_another_protocol_version_is_not_supported_and_its_versions_are_named(string initialize, string said)
    {
        await using AgentPool pool = Start(initialize);
        AgentException? failure = (await AskAsync(pool, "hello")).Failure;

        Assert.Equal(FailureKind.NotSupported, failure!.Kind);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.Contains("'sh'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"sessionUpdate":"notice","severity":"warning","title":"Maintenance","description":"soon"}""")]
    [InlineData("""{"sessionUpdate":"compaction_update","compactionId":"c","status":"completed"}""")]
    [InlineData("""{"sessionUpdate":"compaction_summary_chunk","compactionId":"c","content":{"type":"text","text":"not_the_answer"}}""")]
    [InlineData("""{"sessionUpdate":"session_info_update","title":"A","updatedAt":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"sessionUpdate":"session_info_update","_meta":"odd"}""")]
    [InlineData("""{"sessionUpdate":"something_new","content":{"type":"text","text":"not_the_answer"}}""")]
    [InlineData("""{"sessionUpdate":42}""")]
    [InlineData("""{}""")]
    public async Task An_update_of_another_kind_is_no_fault_and_no_part_of_the_answer(string update)
    {
        await using AgentPool pool = Start(Version1, ("UPDATES", update.Replace(" ", "", StringComparison.Ordinal)));
        PromptResult result = (await AskAsync(pool, "hello")).Result;

        Assert.Equal(("Completed", "answer"), (result.Outcome, result.Text));
    }

    [Theory]
    [InlineData(""" "loadSession":true,"sessionCapabilities":{"resume":{}} """, """ "result":{} """, "resume")]
    [InlineData(""" "sessionCapabilities":{"resume":{}} """, """ "result":{} """, "resume")]
    [InlineData(""" "loadSession":true,"sessionCapabilities":{"resume":{}} """, """ "error":{"code":-32601,"message":"Method not found"} """, "resume,load")]
    [InlineData(""" "loadSession":true """, """ "result":{} """, "load")]
    public async Task A_conversation_is_resumed_without_a_replay_where_the_agent_offers_that(string capabilities, string resume, string calls)
    {
        await using AgentPool pool = Start($$""" "result":{"protocolVersion":1,"agentCapabilities":{ {{capabilities}} } } """, ("RESUME", resume));
        Session session = await TalkAndEndAsync(pool);
        (PromptResult second, AgentException? failure) = await AskAsync(pool, "two", session);

        Assert.Null(failure?.Message);
        Assert.Equal(("Completed", true), (second.Outcome, second.Resumed));
        Assert.Equal(calls.Split(','), Calls);
    }

    [Fact]
    public async Task A_conversation_that_the_agent_refuses_to_resume_is_lost()
    {
        await using AgentPool pool = Start(
            """ "result":{"protocolVersion":1,"agentCapabilities":{"loadSession":true,"sessionCapabilities":{"resume":{}}}} """,
            ("RESUME", """ "error":{"code":-32002,"message":"Resource not found"} """));
        Session session = await TalkAndEndAsync(pool);

        Assert.Equal(FailureKind.SessionLost, (await AskAsync(pool, "two", session)).Failure!.Kind);
        Assert.Equal(["resume"], Calls);
    }

    [Fact]
    public async Task A_cancelled_session_new_does_not_cost_the_process()
    {
        await using AgentPool pool = Start(Version1, ("STALL", "2"), ("CANCELLED", """ "error":{"code":-32800,"message":"Request cancelled"} """));
        PromptResult first = (await AskAsync(pool, "one")).Result;
        AgentException? second = (await AskAsync(pool, "two")).Failure;
        PromptResult third = (await AskAsync(pool, "three")).Result;

        Assert.Equal(FailureKind.AgentStartTimedOut, second!.Kind);
        Assert.Equal(("Completed", first.ProcessId), (third.Outcome, third.ProcessId));
        Assert.Equal(["cancel 1"], Calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "result":{"sessionId":"late"} """)]
    public async Task A_session_new_whose_cancel_is_not_confirmed_costs_the_process(string answer)
    {
        await using AgentPool pool = Start(Version1, ("STALL", "2"), ("CANCELLED", answer));
        PromptResult first = (await AskAsync(pool, "one")).Result;
        Assert.Equal(FailureKind.AgentStartTimedOut, (await AskAsync(pool, "two")).Failure!.Kind);
        PromptResult third = (await AskAsync(pool, "three")).Result;

        Assert.Equal("Completed", third.Outcome);
        Assert.NotEqual(first.ProcessId, third.ProcessId);
    }

    private static Task<(PromptResult Result, AgentException? Failure)> AskAsync(AgentPool pool, string prompt, Session? session = null)
    {
        var request = new PromptRequest { Prompt = prompt };
        CancellationToken token = TestContext.Current.CancellationToken;
        return (session is null ? pool.RunAsync(request, token) : pool.RunAsync(request, session, token)).InTime();
    }

    private static async Task<Session> TalkAndEndAsync(AgentPool pool)
    {
        Session session = pool.Sessions.Create("talk");
        PromptResult first = (await AskAsync(pool, "one", session)).Result;
        LiveProcesses.Kill(first.ProcessId!.Value);
        await Eventually.HoldsAsync(() => session.State == "Suspended", "the agent is gone");
        return session;
    }

    private AgentPool Start(string initialize, params (string Name, string Value)[] variables)
    {
        var environment = AgentSpec.NoEnvironment.Add("INITIALIZE", initialize).Add("CALLS", CallFile);
        foreach ((string name, string value) in variables)
            environment = environment.Add(name, value);
        return new AgentPool(
            new PoolOptions { MinSize = 0, MaxSize = 1, SessionTimeout = TimeSpan.FromSeconds(2), CancelGrace = TimeSpan.FromSeconds(1) },
            new AgentSpec { Executable = "/bin/sh", Arguments = ["-c", Script], WorkingDirectory = _temp.FullName, Environment = environment });
    }
}
