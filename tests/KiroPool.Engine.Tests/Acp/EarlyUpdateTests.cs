using System.Text;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>An agent may report the values in force right after the answer that creates a session, before the session is set up here.</summary>
public sealed class EarlyUpdateTests
{
    private readonly AcpInbox _inbox = new(new AgentSpec { Executable = "agent", WorkingDirectory = "/" }, TimeProvider.System, new PoolLog());

    [Fact]
    public void An_update_right_after_the_answer_that_creates_a_session_counts()
    {
        new PendingSession(new SessionOffer(), _inbox.Expect).Complete("""{"sessionId":"s"}"""u8);
        Say("s", "first");
        Say("s", "second");
        var session = new AcpSession(null!, "s") { Agent = "of the answer" };
        _inbox.Add(session);

        Assert.Equal("second", session.Agent);
        Say("s", "third");
        Assert.Equal("third", session.Agent);
    }

    [Fact]
    public void An_update_right_after_a_load_counts_and_the_replay_before_it_does_not()
    {
        Say("s", "replayed");
        new PendingLoad("s", _inbox.Expect).Complete("{}"u8);
        var session = new AcpSession(null!, "s") { Agent = "of the answer" };
        _inbox.Add(session);
        Assert.Equal("of the answer", session.Agent);

        new PendingLoad("t", _inbox.Expect).Complete("{}"u8);
        Say("t", "now");
        var other = new AcpSession(null!, "t");
        _inbox.Add(other);
        Assert.Equal("now", other.Agent);
    }

    [Fact]
    public void Updates_of_unknown_sessions_and_floods_are_not_kept()
    {
        var early = new EarlyUpdates();
        early.Keep("unknown", "{}"u8);
        Assert.Empty(early.Of("unknown"));

        early.Expect("s");
        for (int i = 0; i < 10_000; i++)
            early.Keep("s", "{}"u8);
        early.Keep("s", new byte[1_000_000]);
        Assert.InRange(early.Of("s").Count, 1, 100);
        early.Remove("s");
        Assert.True(early.IsEmpty);

        for (int i = 0; i < 1000; i++)
            early.Expect($"s{i}");
        Assert.InRange(Enumerable.Range(0, 1000).Count(i => Keeps($"s{i}")), 1, 16);

        bool Keeps(string id)
        {
            early.Keep(id, "{}"u8);
            return early.Of(id).Count > 0;
        }
    }

    [Fact]
    public void A_session_that_is_expected_again_has_none_of_its_earlier_updates()
    {
        var early = new EarlyUpdates();
        early.Expect("s");
        early.Keep("s", "1"u8);
        early.Expect("s");
        early.Keep("s", "2"u8);

        Assert.Equal("2"u8.ToArray(), Assert.Single(early.Of("s")));
        early.Remove("s");
        Assert.True(early.IsEmpty);
    }

    private void Say(string session, string mode) => _inbox.OnNotification(
        AcpMethods.SessionUpdate,
        Encoding.UTF8.GetBytes($$$"""{"sessionId":"{{{session}}}","update":{"sessionUpdate":"current_mode_update","currentModeId":"{{{mode}}}"}}"""));
}
