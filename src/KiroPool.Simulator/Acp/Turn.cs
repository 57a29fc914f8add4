using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

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
    private volatile bool _hasBegun;
    private bool _failed;
    private readonly List<string> _tools = [];
    private readonly List<string> _writes = [];

    /// <summary>Ends with everything the turn does, late updates included.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public Task Start() => Completion = RunAsync();

    /// <summary>Ends the turn whatever it thinks of cancels.</summary>
    public void Abort() => _cancel.Cancel();

    public void Cancel()
    {
        if (!context.Dialect.HearsCancel(_hasBegun))
        {
            context.Log.Write("cancel-lost", session.Id);
            return;
        }

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

        Meter(error is not null || _failed);
        Remember();
        context.TurnEnded();
        session.End();
        context.Log.Write("turn-end", session.Id, error?.Message ?? _stopReason);
        if (error is null)
            context.Wire.Respond(requestId, WriteResponse);
        else
            context.Wire.Fail(requestId, error);
        context.Dialect.AfterTurn(session);

        await SendLateUpdatesAsync().ConfigureAwait(false);
        await context.IdleAsync(prompt.Text).ConfigureAwait(false);
    }

    private async ValueTask PlayAsync(CancellationToken cancel)
    {
        Ballast.Add(context.Settings.LeakMb);
        await context.Dialect.BeginTurnAsync(session, prompt).ConfigureAwait(false);
        _hasBegun = true;
        await PlayFaultsAsync(FaultPoint.Prompt, cancel).ConfigureAwait(false);
        await ObeyWordsAsync(cancel).ConfigureAwait(false);

        string text = _words.Silent ? "" : Answer.To(prompt, session);
        if (context.Settings.Thought)
            context.Wire.Chunk(session.Id, "agent_thought_chunk", "Thinking about it.".AsMemory());
        if (_words.Plan)
            SendPlan();
        foreach (ToolWord word in _words.Tools)
        {
            ToolCall tool = new(context, session, requestId, prompt.Text, word);
            if (await tool.RunAsync(cancel).ConfigureAwait(false) is { } line)
                text += "\n" + line;
            _tools.Add(word.Kind);
            if (tool.HasWritten)
                _writes.Add(tool.Id);
        }
        if (_words.Question is { } answers)
            text += "\n" + await new UserQuestion(context, session).AskAsync(answers, cancel).ConfigureAwait(false);
        if (await ReviewAsync().ConfigureAwait(false) is { } review)
            text += "\n" + review;
        if (_words.OnlyError is { } told)
        {
            V3Frames.DisplayError(context.Wire, session.Id, told.Type, told.Text);
            return;
        }
        foreach (string block in _words.Blocks)
            context.Wire.Block(session.Id, block);
        await StreamAsync(Answer.Pad(text, _words.Bytes ?? context.Settings.AnswerBytes), cancel).ConfigureAwait(false);
        if (_words.FailedTurn is { } failed)
        {
            V3Frames.DisplayError(context.Wire, session.Id, failed.Type, failed.Text);
            _failed = true;
        }
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

    /// <summary>Asks whether what the turn has written may stay, where that is asked.</summary>
    private async ValueTask<string?> ReviewAsync()
    {
        if (context.Dialect.AskForTurn(session.Id, _writes) is not { } question)
            return null;
        string outcome = question.Outcome(await context.Requests.AskAsync(null, PermissionRequest.Method, question.Write).ConfigureAwait(false));
        context.Log.Write("turn-approval", session.Id, outcome);
        return outcome == "cancelled" ? throw new OperationCanceledException() : $"Review: {outcome}";
    }

    private FaultStep Step(FaultPoint at) => new(context, at, requestId, session.Id);

    private async ValueTask ObeyWordsAsync(CancellationToken cancel)
    {
        if (_words.Crash)
            context.End.Crash("simulated crash at prompt");
        if (_words.Hang || _words.Deaf)
            await Task.Delay(Timeout.Infinite, cancel).ConfigureAwait(false);
        if (_words.Throttled)
            context.Dialect.NoticeRateLimit(session.Id, "Too many requests");
        if (_words.Failure is { } failure)
            throw RpcException.Kas(failure.Text, failure.Type, failure.RetryType);
        if (_words.Error is { } message)
            throw context.Dialect.Error(message);
        if (_words.RateLimit)
            throw context.Dialect.RateLimit(session.Id, "Too many requests");
        if (_words.ErrorBesides is { } besides)
            V3Frames.DisplayError(context.Wire, session.Id, besides.Type, besides.Text);
        if (_words.OtherModel is { } model && context.Dialect is V2Dialect v2)
            v2.FallBackToModel(session, model);
        if (_words.Refuse)
            _stopReason = "refusal";
        if (_words.Cancelled)
            _stopReason = "cancelled";
    }

    private async ValueTask StreamAsync(string text, CancellationToken cancel)
    {
        _text = text;
        if (IsStructured)
            return;
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
                context.Wire.Chunk(session.Id, "agent_message_chunk", text.AsMemory(_streamed, end - _streamed), context.Dialect.MetaOfChunk(session));
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

    private void Meter(bool failed)
    {
        double credits = prompt.IsCommand || failed ? 0 : context.Settings.Credits;
        session.CreditsUsed += credits;
        context.CreditsUsed += credits;
        session.ContextPercent = Math.Min(100, session.ContextPercent + (failed ? 0 : context.Settings.ContextPercentPerPrompt));
        long ms = (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds;
        context.Dialect.EndTurn(session, new TurnEnd(_stopReason, credits, session.ContextPercent, ms, failed, _tools));
        if (context.Settings.StandardUsage)
            StandardUsage.Update(context.Wire, session);
    }

    private void WriteResponse(Utf8JsonWriter json)
    {
        json.WriteString("stopReason"u8, _stopReason);
        if (context.Settings.StandardUsage)
            StandardUsage.Write(json);
        if (!IsStructured)
            return;
        json.WriteStartObject("_meta"u8);
        json.WritePropertyName("structuredOutput"u8);
        json.WriteRawValue(_text);
        json.WriteEndObject();
    }

    /// <summary>Whether the answer is a part of the response, instead of text.</summary>
    private bool IsStructured => context.Settings.OutputSchema == OutputSchemaStyle.Structured && prompt.OutputSchema is not null;

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
