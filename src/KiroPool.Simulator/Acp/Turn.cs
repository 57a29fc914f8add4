using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace KiroPool.Simulator;

/// <summary>One prompt from its arrival to its response.</summary>
/// <remarks>An instant turn runs through on the reader's thread; any other leaves it at its first pause.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer holds nothing, and a cancel may arrive after the turn's end.")]
internal sealed class Turn(AgentContext context, AcpSession session, string requestId, PromptContent prompt)
{
    // More text than a pipe holds blocks its writer, and the reader must not be the one that waits.
    private const int InlineAnswerChars = 16 * 1024;

    private readonly PromptWords _words = PromptWords.Parse(prompt.Text);
    private readonly CancellationTokenSource _cancel = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly List<Fault> _late = [];
    private string _text = "";
    private int _streamed;
    private string _stopReason = "end_turn";
    private Fault[] _cancelFaults = [];

    /// <summary>Ends with everything the turn does, late updates included.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public Task Start() => Completion = RunAsync();

    public void Cancel()
    {
        Fault[] faults = context.Faults.Take(FaultPoint.Cancel, prompt.Text);
        if (_words.Deaf || faults.Any(fault => fault.Do == FaultKind.Ignore))
            return;
        _cancelFaults = faults;
        _cancel.Cancel();
    }

    private async Task RunAsync()
    {
        context.TurnBegan();
        RpcException? error = null;
        try
        {
            await PlayAsync(_cancel.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            error = await CancelledAsync().ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            error = e;
        }

        if (error is null)
            SendMetadata();
        Remember();
        context.TurnEnded();
        session.End();
        context.Log.Write("turn-end", session.Id, error?.Message ?? _stopReason);
        if (error is null)
            context.Wire.Respond(requestId, json => json.WriteString("stopReason"u8, _stopReason));
        else
            context.Wire.Fail(requestId, error);

        await SendLateUpdatesAsync().ConfigureAwait(false);
        await context.IdleAsync(prompt.Text).ConfigureAwait(false);
    }

    private async ValueTask PlayAsync(CancellationToken cancel)
    {
        Ballast.Add(context.Settings.LeakMb);
        await PlayFaultsAsync(FaultPoint.Prompt, cancel).ConfigureAwait(false);
        await ObeyWordsAsync(cancel).ConfigureAwait(false);

        string text = _words.Silent ? "" : Answer.To(prompt, session);
        if (context.Settings.Thought)
            context.Wire.Chunk(session.Id, "agent_thought_chunk", "Thinking about it.".AsMemory());
        if (_words.Plan)
            SendPlan();
        foreach (ToolWord word in _words.Tools)
        {
            if (await new ToolCall(context, session, requestId, prompt.Text, word).RunAsync(cancel).ConfigureAwait(false) is { } line)
                text += "\n" + line;
        }
        foreach (string block in _words.Blocks)
            context.Wire.Block(session.Id, block);
        await StreamAsync(Answer.Pad(text, _words.Bytes ?? context.Settings.AnswerBytes), cancel).ConfigureAwait(false);
    }

    private async ValueTask PlayFaultsAsync(FaultPoint at, CancellationToken cancel)
    {
        Fault[] faults = context.Faults.Take(at, prompt.Text);
        if (faults.Length == 0)
            return;
        foreach (Fault fault in faults)
        {
            if (fault.Do == FaultKind.Late)
                _late.Add(fault);
            else if (fault.Do == FaultKind.Refuse)
                _stopReason = "refusal";
        }
        await Step(at).PlayAsync(faults, cancel).ConfigureAwait(false);
    }

    private FaultStep Step(FaultPoint at) => new(context, at, requestId, session.Id);

    private async ValueTask ObeyWordsAsync(CancellationToken cancel)
    {
        if (_words.Crash)
            context.End.Crash("simulated crash at prompt");
        if (_words.Hang || _words.Deaf)
            await Task.Delay(Timeout.Infinite, cancel).ConfigureAwait(false);
        if (_words.Error is { } message)
            throw RpcException.Internal(message);
        if (_words.RateLimit)
            throw Step(FaultPoint.Prompt).RateLimit("Too many requests");
        if (_words.Refuse)
            _stopReason = "refusal";
        if (_words.Cancelled)
            _stopReason = "cancelled";
    }

    private async ValueTask StreamAsync(string text, CancellationToken cancel)
    {
        _text = text;
        if (text.Length > InlineAnswerChars)
            await Task.Yield();

        int turnMs = _words.SleepMs ?? context.Settings.TurnMs;
        int chunks = Math.Clamp(_words.Chunks ?? context.Settings.Chunks, 1, Math.Max(1, text.Length));
        for (int i = 0; i < chunks; i++)
        {
            await PauseUntilAsync((int)((long)turnMs * (i + 1) / chunks), cancel).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();

            int end = Answer.Boundary(text, i + 1, chunks);
            if (end > _streamed)
            {
                context.Wire.Chunk(session.Id, "agent_message_chunk", text.AsMemory(_streamed, end - _streamed));
                _streamed = end;
            }
            if (i == 0)
            {
                if (_words.CrashMidway)
                    context.End.Crash("simulated crash at streaming");
                await PlayFaultsAsync(FaultPoint.Streaming, cancel).ConfigureAwait(false);
            }
        }
    }

    // Measured from the turn's start, so that many small pauses do not add up to a longer turn.
    private ValueTask PauseUntilAsync(int ms, CancellationToken cancel) => ms == 0
        ? ValueTask.CompletedTask
        : AgentContext.PauseAsync(ms - (int)Stopwatch.GetElapsedTime(_began).TotalMilliseconds, cancel);

    private async ValueTask<RpcException?> CancelledAsync()
    {
        _stopReason = "cancelled";
        _late.AddRange(_cancelFaults.Where(fault => fault.Do == FaultKind.Late));
        try
        {
            await Step(FaultPoint.Cancel).PlayAsync(_cancelFaults).ConfigureAwait(false);
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }

    private void Remember()
    {
        Exchange exchange = new(prompt.Text, _text[.._streamed]);
        session.History.Add(exchange);
        context.Store.Append(session.Id, exchange);
    }

    private void SendMetadata()
    {
        double credits = prompt.IsCommand ? 0 : context.Settings.Credits;
        session.CreditsUsed += credits;
        session.ContextPercent = Math.Min(100, session.ContextPercent + context.Settings.ContextPercentPerPrompt);
        context.Wire.Notify("_kiro.dev/metadata", json =>
        {
            json.WriteString("sessionId"u8, session.Id);
            json.WriteNumber("contextUsagePercentage"u8, session.ContextPercent);
            json.WriteStartArray("meteringUsage"u8);
            if (credits > 0)
            {
                json.WriteStartObject();
                json.WriteNumber("value"u8, credits);
                json.WriteString("unit"u8, "credit"u8);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("turnDurationMs"u8, (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds);
        });
    }

    private async ValueTask SendLateUpdatesAsync()
    {
        if (_words.Late)
            _late.Add(new Fault { At = FaultPoint.Prompt, Do = FaultKind.Late });
        foreach (Fault fault in _late)
        {
            await AgentContext.PauseAsync(fault.Ms ?? 30).ConfigureAwait(false);
            context.Wire.Chunk(session.Id, "agent_message_chunk", (fault.Text ?? "late").AsMemory());
        }
    }

    private void SendPlan() => context.Wire.Update(session.Id, "plan", json =>
    {
        json.WriteStartArray("entries"u8);
        foreach ((string content, string status) in (ReadOnlySpan<(string, string)>)[("Read the prompt", "completed"), ("Answer it", "in_progress")])
        {
            json.WriteStartObject();
            json.WriteString("content"u8, content);
            json.WriteString("priority"u8, "medium"u8);
            json.WriteString("status"u8, status);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
