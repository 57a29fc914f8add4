using KiroPool.Engine.Sessions;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>The parts of a conversation by themselves: its queue, its history and its "always" permissions.</summary>
public sealed class ConversationPartTests
{
    [Fact]
    public async Task A_turn_that_comes_at_the_moment_of_a_cancel_is_passed_on()
    {
        for (int i = 0; i < 200; i++)
        {
            var line = new TurnLine();
            using var cancel = new CancellationTokenSource();
            await line.EnterAsync(CancellationToken.None);
            Task waiting = line.EnterAsync(cancel.Token).AsTask();

            // The latest registration runs first: the turn has come when the wait learns of the cancel.
            using CancellationTokenRegistration last = cancel.Token.Register(line.Leave);
            await cancel.CancelAsync();
            try
            {
                await waiting.InTime();
                line.Leave();
            }
            catch (OperationCanceledException)
            {
                // It gave the turn back.
            }

            Assert.False(line.IsTaken);
        }
    }

    [Fact]
    public void A_long_turn_that_has_left_the_history_takes_no_more_room_in_it()
    {
        var history = new SessionHistory();
        history.Add(new SessionTurn { Prompt = new string('x', SessionHistory.MostCharacters) }, credits: null, contextPercent: null, restarted: false);
        for (int i = 0; i < 3; i++)
            history.Add(new SessionTurn { Prompt = "short" }, credits: null, contextPercent: null, restarted: false);

        Assert.Equal([2, 3, 4], history.Turns.Select(turn => turn.Number));
    }

    [Fact]
    public void A_restarted_conversation_does_not_keep_the_context_of_the_lost_one()
    {
        var history = new SessionHistory();
        history.Add(new SessionTurn(), credits: 1, contextPercent: 80, restarted: false);
        history.Add(new SessionTurn(), credits: null, contextPercent: null, restarted: false);
        Assert.Equal((2, 1m, 80.0), history.Totals);

        history.Add(new SessionTurn(), credits: 2, contextPercent: null, restarted: true);
        Assert.Equal((3, 3m, null), history.Totals);
    }

    [Fact]
    public void A_restarted_conversation_does_not_keep_the_permissions_of_the_lost_one()
    {
        var talk = new Conversation(null!, "s", PoolBench.Key("a"), TimeProvider.System);
        var request = new PermissionRequest { SessionId = "1", Kind = "execute" };
        talk.Grants.Add(request);

        talk.Seated(restarted: false);
        Assert.True(talk.Grants.Has(request));

        talk.Seated(restarted: true);
        Assert.False(talk.Grants.Has(request));
    }
}
