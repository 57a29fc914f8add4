using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>The conversation of a process.</summary>
internal sealed class DelimitedSession(DelimitedConnection connection) : IAgentSession
{
    // stderr is another pipe, so its text may arrive a moment after the response. kiro-cli writes a footer there, and
    // other programs the reason for a missing answer.
    private static readonly TimeSpan FooterLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReasonLimit = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FooterPoll = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim _oneSender = new(1, 1);

    public string Id => "";

    public string? Agent => connection.Spec.Agent;

    public string? Model => connection.Spec.Model;

    /// <summary>Always false: the name is on the command line, and no message reports the model in force.</summary>
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

    /// <summary>A process ends with its conversation, because a stand-alone prompt must not see it.</summary>
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
            // Late output of the agent could not be distinguished from the next answer.
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

    /// <summary>Without an exit code, a turn has failed if it has no answer, or a known failure and no footer.</summary>
    private TurnResult Judge(DelimitedTurn turn, string stderr)
    {
        bool isKiro = KiroCliLocator.IsKiroCli(connection.Spec.Executable);
        AgentException? failure = null;
        if (KnownFailure.OfName(stderr, connection.Spec) is { } name)
            failure = Fail(name, "did not use the requested agent or model", stderr, name == FailureKind.ModelNotFound ? Model : Agent);
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
        await HostPause.SettleAsync(written, AgentProcess.DrainLimit).ConfigureAwait(false);

        // The delimiter comes last, so the agent cannot have acted on an incomplete message.
        bool unseen = written.IsCompletedSuccessfully && !await written.ConfigureAwait(false);
        AgentException died = await Process.ExplainEndAsync(FailureKind.AgentDied, unseen ? "before the prompt could be sent" : "before it answered, so its work is unknown").ConfigureAwait(false);
        return turn.Close(
            unseen ? PromptOutcome.Failed : PromptOutcome.Indeterminate,
            died,
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

        // The end of the prompt and the start of the delimiter may also form one. The agent would see two messages. An agent
        // that reads lines takes a return before a line feed for a part of the line's end.
        string lines = message.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (HasDelimiter(message) || HasDelimiter(lines))
            throw new AgentException(FailureKind.NotSupported, "The prompt contains the message delimiter, so the agent would read it as two messages. Use another -MessageDelimiter or the protocol Acp.");

        bool HasDelimiter(string text) => (text + delimiter).IndexOf(delimiter, StringComparison.Ordinal) < text.Length;
    }

    private AgentException Fail(FailureKind kind, string what, string stderr, object? value = null) =>
        new(kind, $"The agent {what}. {StderrTail.Quote(stderr)}")
        {
            Value = value,
            Advice = kind == FailureKind.SignInRequired && KiroCliLocator.IsKiroCli(connection.Spec.Executable) ? KiroSignIn.Advice : null,
        };

    private static TurnResult NotSent(PromptOutcome outcome, AgentException failure) =>
        new() { Outcome = outcome, Failure = failure, MayHaveBeenSeen = false };
}
