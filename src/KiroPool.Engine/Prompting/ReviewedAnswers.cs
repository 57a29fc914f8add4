using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Prompting;

/// <summary>The answers of one reviewed prompt: the text of its next turn, and the sum of all turns.</summary>
internal sealed class ReviewedAnswers(PromptRequest request, IAnswerReview review)
{
    private readonly List<TurnResult> _rejected = [];
    private AnswerVerdict? _lastRejection;
    private AnswerVerdict? _accepted;

    /// <summary>Whether the last answer was rejected and the agent is to be asked again.</summary>
    public bool WantsAnother { get; private set; }

    /// <summary>The schema itself, for agents that accept one with a prompt.</summary>
    public string OutputSchema => review.OutputSchema;

    /// <summary>The content of the next turn.</summary>
    /// <param name="isSameConversation">Whether the agent has seen the question and its last answer, so that the faults are enough.</param>
    /// <param name="takesSchema">Whether the agent accepts a JSON Schema with each prompt and needs no instruction.</param>
    public IReadOnlyList<PromptPart> NextParts(bool isSameConversation, bool takesSchema)
    {
        if (_lastRejection is not null && isSameConversation)
            return [new PromptPart.Text(_lastRejection.FollowUp!)];
        List<PromptPart> parts = [new PromptPart.Text(request.Prompt), .. request.Attachments];
        if (!takesSchema)
            parts.Add(new PromptPart.Text(review.Instruction));
        if (_lastRejection is not null)
            parts.Add(new PromptPart.Text($"You have answered before:\n\n{AnswerOf(_rejected[^1])}\n\n{_lastRejection.FollowUp}"));
        return parts;
    }

    /// <summary>Passes the answer of a turn to the review.</summary>
    /// <param name="turn">The result of the turn.</param>
    /// <param name="stop">The reason why the agent must not be asked again; null if it may.</param>
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
            verdict = await review.ReviewAsync(AnswerOf(turn), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return turn with { Outcome = PromptOutcome.Cancelled, Failure = new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled while its answer was checked.") };
        }
        catch (Exception e)
        {
            return turn with { Outcome = PromptOutcome.Failed, Failure = new AgentException(FailureKind.InvalidOutput, $"The answer could not be checked: {e.Message}", e) };
        }

        if (verdict is { FollowUp: null, Failure: null })
        {
            _accepted = verdict;
            return turn;
        }

        _lastRejection = verdict;
        if (stop is null && verdict.FollowUp is not null && _rejected.Count < review.RetryCount)
        {
            _rejected.Add(turn);
            WantsAnother = true;
            return turn;
        }

        return turn with { Outcome = PromptOutcome.Failed, Failure = Rejected(stop) };
    }

    /// <summary>The last turn as the outcome of the prompt: with the value, and with the sums of all turns.</summary>
    public TurnResult Total(TurnResult last)
    {
        TurnResult total = last with { Value = _accepted?.Value, ValueJson = _accepted?.ValueJson, Attempts = _rejected.Count + (last.MayHaveBeenSeen ? 1 : 0) };

        // An agent that gives its answer as JSON may send no text.
        if (string.IsNullOrWhiteSpace(total.Text) && total.StructuredOutput is { } json)
            total = total with { Text = json };
        if (_rejected.Count == 0)
            return total;

        // The budget was reached before the agent could be asked again. The prompt itself was sent.
        if (!last.MayHaveBeenSeen && last.Failure is { Kind: FailureKind.BudgetExceeded } stop)
            total = _rejected[^1] with { Outcome = PromptOutcome.Failed, Failure = Rejected(stop), Attempts = _rejected.Count };
        IReadOnlyList<TurnResult> all = last.MayHaveBeenSeen ? [.. _rejected, last] : _rejected;
        return total with
        {
            MayHaveBeenSeen = true,
            HasLeftTraces = true,
            Text = total.Text.Length > 0 || total.Outcome == PromptOutcome.Completed ? total.Text : AnswerOf(_rejected[^1]),
            Meter = all.Select(turn => turn.Meter).Aggregate(Sum),
            ToolCalls = [.. all.SelectMany(turn => turn.ToolCalls)],
            Content = [.. all.SelectMany(turn => turn.Content)],
            TimeToFirstText = _rejected[0].TimeToFirstText,
        };
    }

    private static string AnswerOf(TurnResult turn) => turn.StructuredOutput ?? turn.Text;

    private AgentException Rejected(AgentException? stop)
    {
        AgentException failure = _lastRejection?.Failure ?? new AgentException(FailureKind.InvalidOutput, "The answer does not fit.");
        return stop is null ? failure : new AgentException(failure.Kind, $"{failure.Message} The agent was not asked again. {stop.Message.Replace(SpendingLimit.NotSent, "", StringComparison.Ordinal)}", failure) { Value = failure.Value };
    }

    // The use of the context is not a sum: the last turn reports it.
    private static TurnMeter Sum(TurnMeter one, TurnMeter next) => next with
    {
        Credits = one.Credits + next.Credits ?? one.Credits ?? next.Credits,
        ContextPercent = next.ContextPercent ?? one.ContextPercent,
        AgentTime = one.AgentTime + next.AgentTime ?? one.AgentTime ?? next.AgentTime,
        InputTokens = one.InputTokens + next.InputTokens ?? one.InputTokens ?? next.InputTokens,
        OutputTokens = one.OutputTokens + next.OutputTokens ?? one.OutputTokens ?? next.OutputTokens,
        CachedReadTokens = one.CachedReadTokens + next.CachedReadTokens ?? one.CachedReadTokens ?? next.CachedReadTokens,
        CachedWriteTokens = one.CachedWriteTokens + next.CachedWriteTokens ?? one.CachedWriteTokens ?? next.CachedWriteTokens,
        Cost = one.Cost + next.Cost ?? one.Cost ?? next.Cost,
        CostCurrency = next.CostCurrency ?? one.CostCurrency,
    };
}
