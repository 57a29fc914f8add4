using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>The end of the wait for an answer.</summary>
internal enum TurnEnd
{
    /// <summary>The response or an error has arrived, or can no longer come.</summary>
    Answered,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>The agent was silent for too long.</summary>
    Silent,
}

/// <summary>
/// An open <c>session/prompt</c>. The wait ends once, in one of three ways. The response itself is awaited even after
/// that, because the agent must not get another prompt before.
/// </summary>
internal sealed class PromptCall(AcpTurn turn) : TaskCompletionSource<TurnEnd>(TaskCreationOptions.RunContinuationsAsynchronously), IPendingRequest, IWatchedTurn
{
    private TaskCompletionSource? _response;
    private Task _repeated = System.Threading.Tasks.Task.CompletedTask;
    private int _isAnswered;

    public AcpTurn Turn => turn;

    /// <summary>The stop reason; null for an error or if the agent gives none.</summary>
    public string? StopReason { get; private set; }

    /// <summary>The answer as JSON, if the agent gives it beside the text.</summary>
    public string? StructuredOutput { get; private set; }

    /// <summary>The failure, if there is no answer.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Whether the response has arrived.</summary>
    public bool IsAnswered => Volatile.Read(ref _isAnswered) != 0;

    public void Complete(ReadOnlySpan<byte> result)
    {
        try
        {
            PromptReply reply = PendingRequest<PromptReply>.Read(result, IncomingJson.Default.PromptReply);
            StopReason = reply.StopReason;
            StructuredOutput = reply.StructuredOutput;
            if (reply.Usage is { } tokens)
                turn.Apply(tokens.ToMeter());
        }
        catch (JsonException e)
        {
            Error = e;
        }

        turn.Seal();
        Answered();
    }

    public void Fail(Exception exception)
    {
        turn.Seal();
        Error = exception;
        Answered();
    }

    long IWatchedTurn.LastSignAt => turn.LastSignAt;

    void IWatchedTurn.OnSilence() => Abandon(TurnEnd.Silent);

    /// <summary>Ends the wait, unless the response has arrived. From now on the turn is being cancelled.</summary>
    public void Abandon(TurnEnd why)
    {
        if (TrySetResult(why))
            turn.BeginCancel();
    }

    /// <summary>Repeats the cancel of this turn in the background.</summary>
    public void Repeat(Func<Task> cancel)
    {
        lock (turn)
            _repeated = System.Threading.Tasks.Task.WhenAll(_repeated, System.Threading.Tasks.Task.Run(cancel));
    }

    /// <summary>Completes when no repeated cancel is on its way, so that none can meet the next turn of the session.</summary>
    public Task WhenRepeated()
    {
        lock (turn)
            return _repeated;
    }

    /// <summary>Completes when the response or an error has arrived.</summary>
    public Task WhenAnswered()
    {
        var response = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _response, response);
        if (IsAnswered)
            response.TrySetResult();
        return response.Task;
    }

    private void Answered()
    {
        Interlocked.Exchange(ref _isAnswered, 1);
        TrySetResult(TurnEnd.Answered);
        Volatile.Read(ref _response)?.TrySetResult();
    }
}
