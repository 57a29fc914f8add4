using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Prompting;

/// <summary>The answers of one prompt that is reviewed: what the next turn says, and the sum of all of them.</summary>
internal sealed class ReviewedAnswers(PromptRequest request, IAnswerReview review)
{
    private readonly List<TurnResult> _rejected = [];
    private string? _followUp;
    private AnswerVerdict? _accepted;

    /// <summary>Whether the last answer was rejected and the agent is to be asked again.</summary>
    public bool WantsAnother { get; private set; }

    /// <summary>What the next turn says.</summary>
    /// <param name="isSameConversation">The agent has seen the question and its last answer, so that the faults are enough.</param>
    /// <param name="takesSchema">The agent takes a JSON Schema with each prompt and needs no words.</param>
    public IReadOnlyList<PromptPart> NextParts(bool isSameConversation, bool takesSchema)
    {
        if (_followUp is not null && isSameConversation)
            return [new PromptPart.Text(_followUp)];
        List<PromptPart> parts = [new PromptPart.Text(request.Prompt), .. request.Attachments];
        if (!takesSchema)
            parts.Add(new PromptPart.Text(review.Instruction));
        if (_followUp is not null)
            parts.Add(new PromptPart.Text($"You have answered before:\n\n{_rejected[^1].Text}\n\n{_followUp}"));
        return parts;
    }

    /// <summary>The schema itself, for agents that take it.</summary>
    public string OutputSchema => review.OutputSchema;

    /// <summary>Has a turn's answer reviewed.</summary>
    /// <param name="turn">What came of the turn.</param>
    /// <param name="stop">Why the agent must not be asked again; null when it may.</param>
    /// <param name="cancellationToken">Ends the review.</param>
    /// <returns>The turn, failed if its answer is rejected for good.</returns>
    public async ValueTask<TurnResult> TakeAsync(TurnResult turn, AgentException? stop, CancellationToken cancellationToken)
    {
        WantsAnother = false;
        if (turn.Outcome != PromptOutcome.Completed)
            return turn;
        AnswerVerdict verdict;
        try
        {
            verdict = await review.ReviewAsync(turn.Text, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return turn with { Outcome = PromptOutcome.Cancelled, Failure = new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled while its answer was checked.") };
        }
        catch (Exception e)
        {
            return turn with { Outcome = PromptOutcome.Failed, Failure = new AgentException(FailureKind.InvalidOutput, $"The answer could not be checked: {e.Message}", e) };
        }

        if (verdict.FollowUp is null)
        {
            _accepted = verdict;
            return turn;
        }

        if (stop is null && _rejected.Count < review.RetryCount)
        {
            _rejected.Add(turn);
            _followUp = verdict.FollowUp;
            WantsAnother = true;
            return turn;
        }

        AgentException failure = verdict.Failure ?? new AgentException(FailureKind.InvalidOutput, "The answer is not what was asked for.");
        if (stop is not null)
            failure = new AgentException(failure.Kind, $"{failure.Message} The agent was not asked again: {stop.Message}", failure) { Value = failure.Value };
        return turn with { Outcome = PromptOutcome.Failed, Failure = failure };
    }

    /// <summary>The last turn as the prompt's outcome: with the value, and what all turns cost and used.</summary>
    public TurnResult Total(TurnResult last)
    {
        TurnResult total = last with { Value = _accepted?.Value, ValueJson = _accepted?.ValueJson, Attempts = _rejected.Count + (last.MayHaveBeenSeen ? 1 : 0) };
        if (_rejected.Count == 0)
            return total;
        return total with
        {
            MayHaveBeenSeen = true,
            HasLeftTraces = true,
            Meter = _rejected.Select(turn => turn.Meter).Append(last.Meter).Aggregate(Sum),
            ToolCalls = [.. _rejected.SelectMany(turn => turn.ToolCalls), .. last.ToolCalls],
            TimeToFirstText = _rejected[0].TimeToFirstText,
        };
    }

    // How full the context is no sum: the last turn says.
    private static TurnMeter Sum(TurnMeter one, TurnMeter next) => next with
    {
        Credits = one.Credits + next.Credits ?? one.Credits ?? next.Credits,
        AgentTime = one.AgentTime + next.AgentTime ?? one.AgentTime ?? next.AgentTime,
        InputTokens = one.InputTokens + next.InputTokens ?? one.InputTokens ?? next.InputTokens,
        OutputTokens = one.OutputTokens + next.OutputTokens ?? one.OutputTokens ?? next.OutputTokens,
        CachedReadTokens = one.CachedReadTokens + next.CachedReadTokens ?? one.CachedReadTokens ?? next.CachedReadTokens,
        CachedWriteTokens = one.CachedWriteTokens + next.CachedWriteTokens ?? one.CachedWriteTokens ?? next.CachedWriteTokens,
        Cost = one.Cost + next.Cost ?? one.Cost ?? next.Cost,
        CostCurrency = next.CostCurrency ?? one.CostCurrency,
    };
}
