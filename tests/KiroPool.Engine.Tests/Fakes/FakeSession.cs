using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>The reaction of an agent to the next prompt.</summary>
internal enum FakeTurn
{
    /// <summary>It answers.</summary>
    Completes,

    /// <summary>It answers with an error.</summary>
    Fails,

    /// <summary>It is throttled.</summary>
    Throttled,

    /// <summary>It dies before a byte of the prompt has reached it.</summary>
    DiesUnseen,

    /// <summary>It dies after it received the prompt.</summary>
    DiesInTurn,
}

/// <summary>A conversation with a <see cref="FakeConnection"/>: the answer repeats the prompt.</summary>
internal sealed class FakeSession(FakeConnection connection, string id) : IAgentSession
{
    private int _closed;

    public string Id { get; } = id;

    public string? Agent => connection.Spec.Agent;

    public string? Model => connection.Spec.Model;

    public bool ModelVerified => true;

    public async ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        string prompt = string.Join("\n\n", request.Parts.OfType<PromptPart.Text>().Select(part => part.Value));
        FakeTurn turn = connection.TakeNextTurn();
        if (turn == FakeTurn.DiesUnseen)
        {
            connection.Die();
            return Failed(PromptOutcome.Failed, FailureKind.AgentDied) with { MayHaveBeenSeen = false };
        }

        connection.PromptSeen(prompt);
        connection.Connector.Say(Id, prompt, connection);
        try
        {
            await connection.Connector.Turns.PassAsync(this, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Failed(PromptOutcome.Cancelled, FailureKind.PromptCancelled);
        }

        if (turn == FakeTurn.DiesInTurn)
            connection.Die();
        return turn switch
        {
            FakeTurn.DiesInTurn => Failed(PromptOutcome.Indeterminate, FailureKind.AgentDied),
            FakeTurn.Throttled => Failed(PromptOutcome.Failed, FailureKind.RateLimited),
            FakeTurn.Fails => Failed(PromptOutcome.Failed, FailureKind.AgentError),
            _ => new TurnResult { Outcome = PromptOutcome.Completed, Text = $"You said: {prompt}", StopReason = "end_turn", Meter = connection.Connector.Meter },
        };
    }

    public Task<bool> SettleAsync() => connection.SettleAsync();

    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            connection.SessionClosed();
    }

    private static TurnResult Failed(PromptOutcome outcome, FailureKind kind) =>
        new() { Outcome = outcome, Failure = new AgentException(kind, $"The turn failed ({kind}).") };
}
