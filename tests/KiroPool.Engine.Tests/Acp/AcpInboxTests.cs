using System.Text;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>Each message of an agent reaches the session it is for, and no other.</summary>
public sealed class AcpInboxTests
{
    private readonly AcpInbox _inbox = new(new AgentSpec { Executable = "agent", WorkingDirectory = "/", Agent = "mine" }, TimeProvider.System, new PoolLog());

    [Fact]
    public void Alternating_updates_reach_their_own_sessions()
    {
        AcpSession one = Add("one"), other = Add("other");

        foreach (string mode in new[] { "a", "b" })
        {
            Say("one", mode);
            Say("other", mode + mode);
            Assert.Equal((mode, mode + mode), (one.Agent, other.Agent));
        }
    }

    [Fact]
    public void An_update_reaches_the_session_that_has_the_id_now()
    {
        AcpSession closed = Add("s");
        Say("s", "before");
        _inbox.Remove(closed);
        AcpSession resumed = Add("s");

        Say("s", "after");

        Assert.Equal(("before", "after"), (closed.Agent, resumed.Agent));
    }

    // A race, tried often: the session is added while the reader looks for it.
    [Fact]
    public void An_update_right_behind_the_reply_that_names_its_session_is_not_lost()
    {
        for (int i = 0; i < 20_000; i++)
        {
            var session = new AcpSession(null!, "s");
            bool isNamed = false;
            Parallel.Invoke(
                () =>
                {
                    _inbox.Expect("s");
                    Volatile.Write(ref isNamed, true);
                    Say("s", "now");
                },
                () =>
                {
                    SpinWait.SpinUntil(() => Volatile.Read(ref isNamed));
                    _inbox.Add(session);
                });

            Assert.Equal("now", session.Agent);
            _inbox.Remove(session);
        }
    }

    // A race, tried often, as above.
    [Fact]
    public void A_missing_agent_that_is_reported_right_behind_that_reply_is_not_lost()
    {
        for (int i = 0; i < 20_000; i++)
        {
            var session = new AcpSession(null!, "s");
            Parallel.Invoke(() => SayNotFound("mine"), () => _inbox.Add(session));

            Assert.Equal(FailureKind.AgentNotFound, session.FallBack?.Kind);
            _inbox.Remove(session);
        }
    }

    [Fact]
    public void A_missing_agent_that_was_not_asked_for_is_no_fall_back()
    {
        AcpSession session = Add("s");

        SayNotFound("default");
        Assert.Null(session.FallBack);

        SayNotFound("mine");
        Assert.Equal(FailureKind.AgentNotFound, session.FallBack?.Kind);
    }

    private AcpSession Add(string id)
    {
        var session = new AcpSession(null!, id);
        _inbox.Add(session);
        return session;
    }

    private void Say(string session, string mode) => _inbox.OnNotification(
        AcpMethods.SessionUpdate,
        Encoding.UTF8.GetBytes($$$"""{"sessionId":"{{{session}}}","update":{"sessionUpdate":"current_mode_update","currentModeId":"{{{mode}}}"}}"""));

    private void SayNotFound(string agent) => _inbox.OnNotification(
        AcpMethods.KiroAgentNotFound,
        Encoding.UTF8.GetBytes($$"""{"sessionId":"s","requestedAgent":"{{agent}}"}"""));
}
