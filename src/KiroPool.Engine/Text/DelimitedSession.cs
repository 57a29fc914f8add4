using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>The conversation of a process.</summary>
internal sealed class DelimitedSession(DelimitedConnection connection) : IAgentSession
{
    // stderr is another pipe: what was written there before the response may arrive a moment after it. A footer is to be
    // expected of kiro-cli, and of others a reason where there is no answer.
    private static readonly TimeSpan FooterLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReasonLimit = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FooterPoll = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim _oneSender = new(1, 1);

    public string Id => "";

    public string? Agent => connection.Spec.Agent;

    public string? Model => connection.Spec.Model;

    /// <summary>It takes the name on its command line and complains or not; nothing says what is in force.</summary>
    public bool ModelVerified => false;

    private AgentProcess Process => connection.Process;

    public async ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        bool entered = false;
        try
        {
            string message = PromptText.Of(request, connection.Spec.Executable);
            ThrowIfDelimiterIn(message);
            await _oneSender.WaitAsync(cancellationToken).ConfigureAwait(false);
            entered = true;
            if (connection.IsSpoilt || connection.Closed.IsCompleted)
                throw connection.BrokenWord ?? new AgentException(FailureKind.AgentDied, "The agent ended before the prompt could be sent.");
            if (!request.PrepareNextSession)
                connection.HoldConversation();
            return await RunAsync(message, request, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return NotSent(PromptOutcome.Cancelled, new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled before it was sent."));
        }
        catch (AgentException e)
        {
            return NotSent(PromptOutcome.Failed, e);
        }
        finally
        {
            if (entered)
                _oneSender.Release();
        }
    }

    /// <summary>The process has no other conversation.</summary>
    public Task<bool> SettleAsync() => connection.SettleAsync();

    /// <summary>A process that held a conversation goes with it: a prompt that stands alone must not see what was said.</summary>
    public void Close()
    {
        if (connection.HeldConversation)
            connection.Spoil();
    }

    private async Task<TurnResult> RunAsync(string message, TurnRequest request, CancellationToken cancellationToken)
    {
        StderrTail stderr = Process.StandardError;
        long stderrBefore = stderr.TotalBytes;
        connection.Use();
        var turn = new DelimitedTurn(request.OnUpdate, connection.Time);
        using var silence = new TurnSilence(request.InactivityTimeout, () => stderr.TotalBytes, connection.Time, cancellationToken);
        connection.Begin(turn, silence);
        try
        {
            Task<bool> written = connection.WriteAsync(message);
            await Task.WhenAny(turn.Answered, connection.ReadToEnd).WaitAsync(silence.Token).ConfigureAwait(false);
            return turn.Answered.IsCompleted
                ? Judge(turn, await ReadStderrAsync(stderr, stderrBefore, turn.HasText).ConfigureAwait(false))
                : await DescribeDeathAsync(turn, written).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (silence.Token.IsCancellationRequested)
        {
            // What the agent would still say could not be told from the next answer.
            bool isSilent = silence.IsTooLong;
            _ = connection.Abort(isSilent ? "it was silent for too long" : "its prompt was cancelled");
            return turn.Close(
                isSilent ? PromptOutcome.TimedOut : PromptOutcome.Cancelled,
                isSilent ? silence.ToFailure() : new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled."),
                AnsiText.Strip(stderr.ReadSince(stderrBefore)),
                mayHaveUsedTools: true);
        }
        finally
        {
            connection.End(turn);
        }
    }

    /// <summary>There is no exit code to go by: without an answer, or with a known failure and no footer, it failed.</summary>
    private TurnResult Judge(DelimitedTurn turn, string stderr)
    {
        bool isKiro = KiroCliLocator.IsKiroCli(connection.Spec.Executable);
        AgentException? failure = null;
        if (KnownFailure.OfName(stderr, connection.Spec) is { } name)
            failure = Fail(name, "went on without the agent or model that was asked for", stderr, name == FailureKind.ModelNotFound ? Model : Agent);
        else if (KiroFooter.Find(stderr) is null && (isKiro || !turn.HasText) && KnownFailure.OfAccount(stderr) is { } account)
            failure = Fail(account, "could not answer", stderr);
        else if (!turn.HasText)
            failure = Fail(FailureKind.AgentError, "gave an empty answer", stderr);
        connection.Judged(failure);
        return turn.Close(failure is null ? PromptOutcome.Completed : PromptOutcome.Failed, failure, stderr, mayHaveUsedTools: MayUseTools);
    }

    private async Task<TurnResult> DescribeDeathAsync(DelimitedTurn turn, Task<bool> written)
    {
        if (connection.BrokenWord is { } broken)
            return turn.Close(PromptOutcome.Failed, broken, AnsiText.Strip(Process.StandardError.ToString()), mayHaveUsedTools: true);
        await Task.WhenAny(written, Task.Delay(AgentProcess.DrainLimit)).ConfigureAwait(false);

        // The delimiter comes last: a message that was not taken whole was no message yet.
        bool unseen = written.IsCompletedSuccessfully && !await written.ConfigureAwait(false);
        string what = await Process.DescribeEndAsync(unseen ? "before the prompt could be sent" : "before it answered; what it did until then is unknown").ConfigureAwait(false);
        return turn.Close(
            unseen ? PromptOutcome.Failed : PromptOutcome.Indeterminate,
            new AgentException(FailureKind.AgentDied, what),
            AnsiText.Strip(Process.StandardError.ToString()),
            mayHaveBeenSeen: !unseen,
            mayHaveUsedTools: MayUseTools);
    }

    private bool MayUseTools => connection.Spec.Text.TrustAllTools || connection.Spec.Text.TrustTools.Length > 0;

    private async Task<string> ReadStderrAsync(StderrTail stderr, long since, bool hasText)
    {
        TimeSpan limit = KiroCliLocator.IsKiroCli(connection.Spec.Executable) ? FooterLimit : hasText ? TimeSpan.Zero : ReasonLimit;
        string text = AnsiText.Strip(stderr.ReadSince(since));
        for (TimeSpan waited = TimeSpan.Zero; waited < limit && KiroFooter.Find(text) is null; waited += FooterPoll)
        {
            await Task.Delay(FooterPoll).ConfigureAwait(false);
            text = AnsiText.Strip(stderr.ReadSince(since));
        }

        return text;
    }

    private void ThrowIfDelimiterIn(string message)
    {
        string delimiter = connection.Spec.Text.MessageDelimiter;

        // Also where its end and the delimiter's start would make one: the agent would take the message for two.
        if ((message + delimiter).IndexOf(delimiter, StringComparison.Ordinal) < message.Length)
            throw new AgentException(FailureKind.NotSupported, "The prompt holds the delimiter that ends a message, so it cannot be sent as one. Use another delimiter, or the protocol Acp.");
    }

    private static AgentException Fail(FailureKind kind, string what, string stderr, object? value = null) =>
        new(kind, $"The agent {what}. {StderrTail.Quote(stderr)}") { Value = value };

    private static TurnResult NotSent(PromptOutcome outcome, AgentException failure) =>
        new() { Outcome = outcome, Failure = failure, MayHaveBeenSeen = false };
}
