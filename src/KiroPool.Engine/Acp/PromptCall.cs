using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>How the wait for the answer to a prompt ends.</summary>
internal enum TurnEnd
{
    /// <summary>The response is there, be it an error, or can no longer come.</summary>
    Answered,

    /// <summary>The caller wants no answer any more.</summary>
    Cancelled,

    /// <summary>The agent sent nothing for too long.</summary>
    Silent,
}

/// <summary>
/// A turn's <c>session/prompt</c> under way. The wait for it ends once, in one of three ways; the response itself is
/// waited for also after that, since an agent must not get another prompt before.
/// </summary>
internal sealed class PromptCall(AcpTurn turn) : TaskCompletionSource<TurnEnd>(TaskCreationOptions.RunContinuationsAsynchronously), IPendingRequest, IWatchedTurn
{
    private TaskCompletionSource? _response;
    private int _isAnswered;

    public AcpTurn Turn => turn;

    /// <summary>Why the agent stopped; null for an error, or where it does not say.</summary>
    public string? StopReason { get; private set; }

    /// <summary>Why there is no answer.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Whether the response is there.</summary>
    public bool IsAnswered => Volatile.Read(ref _isAnswered) != 0;

    public void Complete(ReadOnlySpan<byte> result)
    {
        turn.Seal();
        try
        {
            StopReason = PendingRequest<PromptReply>.Read(result, AcpJson.Default.PromptReply).StopReason;
        }
        catch (JsonException e)
        {
            Error = e;
        }

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

    /// <summary>Ends the wait, unless the response is there. From here on the turn counts as being cancelled.</summary>
    public void Abandon(TurnEnd why)
    {
        turn.BeginCancel();
        TrySetResult(why);
    }

    /// <summary>Completes when the response is there, however it reads.</summary>
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
