using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Acp;

/// <content>Sending and cancelling prompts, and the watch for silence.</content>
internal sealed partial class AcpConnection
{
    private SilenceWatch? _restingWatch;

    /// <summary>Sends a prompt. The call gets the answer.</summary>
    /// <returns>Completes when the whole prompt is in the pipe; fails if it certainly is not.</returns>
    public Task SendPrompt(AcpSession session, ContentBlock[] blocks, JsonElement? meta, PromptCall call)
    {
        return _rpc!.Send(AcpMethods.SessionPrompt, new PromptParams(session.Id, blocks) { Meta = meta }, OutgoingJson.Default.PromptParams, call).Written;
    }

    /// <summary>Counts a running turn. There are several if conversations share the process.</summary>
    public void TurnStarted(Task<bool> settled)
    {
        lock (_gate)
            _turnSettled = _turnSettled.IsCompleted ? settled : BothAsync(_turnSettled, settled);
    }

    private static async Task<bool> BothAsync(Task<bool> one, Task<bool> other) =>
        await one.ConfigureAwait(false) & await other.ConfigureAwait(false);

    /// <summary>Asks the agent to end the turn and waits. Returns false if it did not within the grace; it is then abandoned.</summary>
    public async Task<bool> CancelTurnAsync(AcpSession session, PromptCall call)
    {
        log.WriteDebug("cancelling its turn", ProcessId);
        var grace = new Grace(limits.CancelGrace, time);
        Task answered = call.WhenAnswered();
        try
        {
            Task cancelled = SayCancelAsync(session);
            foreach (TimeSpan pause in Dialect.CancelAgainAfter)
            {
                if (grace.Left <= pause || await grace.WaitAsync(answered, pause).ConfigureAwait(false))
                    break;
                CancelAgain(session, call);
            }

            if (await grace.WaitAsync(Task.WhenAll(cancelled, answered)).ConfigureAwait(false) && await grace.WaitAsync(call.WhenRepeated()).ConfigureAwait(false))
                return true;
        }
        catch (Exception)
        {
            // An agent that can no longer be reached has ended the turn too.
            return true;
        }

        Close($"it did not end a cancelled turn within {limits.CancelGrace.TotalSeconds:0.#} s");
        return false;
    }

    /// <summary>Repeats a cancel that may have been lost. An agent ignores it after the end of the turn.</summary>
    public void CancelAgain(AcpSession session, PromptCall call)
    {
        log.WriteDebug("cancelling its turn again", ProcessId);

        // The reader may run this, and it must not wait for a write.
        call.Repeat(() => call.IsAnswered ? Task.CompletedTask : SayCancelAsync(session));
    }

    private async Task SayCancelAsync(AcpSession session)
    {
        try
        {
            await _rpc!.NotifyAsync(AcpMethods.SessionCancel, new SessionParams(session.Id), OutgoingJson.Default.SessionParams).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // An agent that can no longer be reached has ended the turn too.
        }
    }

    /// <summary>Abandons a call when the agent is silent for too long; null for no limit. Return it after the wait.</summary>
    public SilenceWatch? Watch(PromptCall call, TimeSpan limit)
    {
        if (limit == TimeSpan.Zero)
            return null;
        SilenceWatch watch = Interlocked.Exchange(ref _restingWatch, null) ?? new SilenceWatch(time, () => _rpc!.LastFrameAt);
        watch.Watch(call, limit);
        return watch;
    }

    public void GiveBack(SilenceWatch? watch)
    {
        if (watch is null)
            return;
        watch.Rest();
        _restingWatch = watch;
    }
}
