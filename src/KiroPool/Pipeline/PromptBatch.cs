using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.Journal;
using KiroPool.Schemas;

namespace KiroPool.Pipeline;

/// <summary>Runs the prompts of one invocation on a pool and reports their outcomes to the pipeline.</summary>
internal sealed class PromptBatch : IPromptBatch
{
    // No fence is further away, whatever the clock of the earlier run was.
    private static readonly TimeSpan LongestFence = TimeSpan.FromMinutes(11);

    private readonly Cmdlet _cmdlet;
    private readonly AgentPool _pool;
    private readonly BatchOptions _options;
    private readonly BatchProgress _progress;
    private readonly BatchSummary _summary;
    private readonly SchemaReview? _review;
    private readonly BatchFailures _failures;
    private readonly ResultWarnings _warnings;

    public PromptBatch(Cmdlet cmdlet, AgentPool pool, BatchOptions options)
    {
        _cmdlet = cmdlet;
        _pool = pool;
        _options = options;
        _failures = new BatchFailures(options.MaxFailures);
        _summary = new BatchSummary(options.SpendingLimit);
        _warnings = new ResultWarnings(options.SpendingLimit, pool.SpendingLimit);
        _progress = new BatchProgress(cmdlet, "Invoke-KiroPrompt", pool.ReadActivity) { IsSilent = options.Screen is not null };
        Pump = new PipelinePump(
            cmdlet,
            options.ThrottleLimit,
            options.Ordered,
            new PumpHooks { OnTick = _progress.Show, OnErrorWritten = CountError, OnBroken = _progress.End });
        _review = options.Schema is null ? null : new SchemaReview(options.Schema, options.SchemaRetryCount, Pump);
    }

    public PipelinePump Pump { get; }

    /// <inheritdoc/>
    public void Add(PromptRequest request, object? target, JournalKey key = default, Session? session = null)
    {
        if (ReadEarlier(key, request.IsSlashCommand) is { } earlier)
        {
            AddEarlier(earlier, request, target);
            return;
        }

        // Counted here, because it may wait behind the throttle.
        _progress.Taken();
        DateTimeOffset? fencedAt = FenceOf(key);
        Pump.Run(number => RunAsync(request, session ?? _options.Session, target, key, fencedAt, number), request.Prompt.Length + request.Attachments.Sum(part => (long)PromptInput.LengthOf(part)));
    }

    /// <inheritdoc/>
    public void AddError(ErrorRecord error) => Pump.Run(number =>
    {
        _progress.Taken();
        _progress.Ended(wasSent: false, completed: false);
        _summary.CountFailure();
        PostError(error, number);
        return Task.CompletedTask;
    });

    /// <inheritdoc/>
    public void Skip(int count) => _summary.CountSkipped(count);

    /// <inheritdoc/>
    public void Cancel() => Pump.Cancel();

    /// <inheritdoc/>
    public void Complete()
    {
        _progress.InputIsComplete = true;
        Pump.Complete();
        _progress.End();
        _summary.End();
        _cmdlet.WriteInformation(_summary, ["KiroPool", "Summary"]);
        if (_options.Verbose)
            _cmdlet.WriteVerbose(_summary.ToString());
    }

    public void Dispose() => Pump.Dispose();

    private async Task RunAsync(PromptRequest request, Session? session, object? target, JournalKey key, DateTimeOffset? fencedAt, long number)
    {
        // Without its journal, the outcome of this prompt would be lost.
        if (_options.Journal?.HasFailed == true || _failures.IsOver)
            return;
        if (fencedAt is { } safe)
            await WaitForFenceAsync(safe, request.Index, number).ConfigureAwait(false);
        bool wasSent = false;
        Action? ended = null;
        request = request with
        {
            OnSending = (process, waited) =>
            {
                if (!wasSent)
                    ended = _progress.Sent(PromptName.Of(request.Index, request.Name), process);
                wasSent = true;
                _failures.Sent();
                if (_options.Verbose)
                    Pump.Post(RecordKind.Verbose, $"Prompt {request.Index} goes to process {process} after {Milliseconds(waited)}.", number);
            },
            Review = _review,
            SpendingLimit = _options.SpendingLimit,
            OnUpdate = _options.Stream ? new UnreadUpdates(unread => Pump.Post(RecordKind.Update, unread, number)).Add
                : _options.Screen is { } screen ? new UnreadUpdates(unread => Pump.Post(RecordKind.Action, (Action)(() => screen.Show(request, unread.Take())), number)).Add
                : null,
        };

        (PromptResult result, PromptFailedException? failure) = await OutcomeAsync(request, session).ConfigureAwait(false);
        ended?.Invoke();

        SaveContent(result, number);

        // Before the user sees it, and also when the pipeline is being stopped.
        KiroException? unwritten = _options.Journal is { } journal ? await journal.AppendAsync(key, result, failure).ConfigureAwait(false) : null;
        _progress.Ended(wasSent, completed: failure is null);

        // A cancelled prompt cannot be written to a stopping pipeline. Statistics and journal have it.
        if (failure is not null && Pump.Token.IsCancellationRequested)
            return;
        Tell(result, request, number);
        if (failure is null)
            Write(result, target, number);
        else
            PostFailure(failure, request, target, number);
        if (unwritten is not null)
            Pump.Post(RecordKind.Fatal, KiroErrors.Create(unwritten), number);
    }

    /// <summary>Waits until nothing of the lost agent of an earlier run can be left on its host, before its prompt is repeated.</summary>
    private async Task WaitForFenceAsync(DateTimeOffset fencedAt, int index, long number)
    {
        TimeSpan left = fencedAt - DateTimeOffset.Now;
        if (left <= TimeSpan.Zero)
            return;

        left = left < LongestFence ? left : LongestFence;
        if (_options.Verbose)
            Pump.Post(RecordKind.Verbose, string.Create(CultureInfo.InvariantCulture, $"Prompt {index} waits {left.TotalSeconds:0.#} s, until its earlier agent has certainly ended."), number);
        try
        {
            await PastTime.WaitAsync(fencedAt, LongestFence, Pump.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The prompt is cancelled as any other.
        }
    }

    /// <summary>When the lost agent of an earlier run has certainly ended; null if there was none.</summary>
    private DateTimeOffset? FenceOf(JournalKey key) =>
        _options.RetryIndeterminate && _options.Journal?.OutcomeOf(key) == nameof(PromptOutcome.Indeterminate) ? ReadJournal(key).Result.FencedAt : null;

    /// <summary>Writes a result, or the line below an answer that is on the screen already.</summary>
    private void PostResult(PromptResult result, long number)
    {
        ResultMembers.AddInput(result);
        if (_options.Screen is { } screen)
            Pump.Post(RecordKind.Action, (Action)(() => screen.End(result)), number);
        else
            Pump.Post(RecordKind.Result, result, number);
    }

    private void PostFailure(PromptFailedException failure, PromptRequest request, object? target, long number)
    {
        bool isCommon = _failures.IsCommon(failure, isOwnSpec: !ReferenceEquals(request.Spec, _options.Spec));
        if (_options.Screen is { } screen)
            Pump.Post(RecordKind.Action, (Action)(() => screen.EndLine(request)), number);
        string? prompt = isCommon || !_options.NamesPrompts ? null : PromptName.Of(request.Index, request.Name);
        ResultMembers.AddInput(failure.Result);
        PostError(KiroErrors.Create(failure, target, prompt), number, isCommon);
    }

    private void PostError(ErrorRecord error, long number, bool isCommon = false)
    {
        _failures.Count();
        Pump.Post(isCommon ? RecordKind.Fatal : RecordKind.Error, error, number);
    }

    private void SaveContent(PromptResult result, long number)
    {
        try
        {
            _options.ContentFiles?.Save(result);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Pump.Post(RecordKind.Warning, $"Prompt {result.Index}: a part of the answer could not be saved: {e.Message} Data in Content of the result has its bytes.", number);
        }
    }

    private async Task<(PromptResult Result, PromptFailedException? Failure)> OutcomeAsync(PromptRequest request, Session? session)
    {
        try
        {
            return (await _pool.PromptAsync(request, session, Pump.Token).ConfigureAwait(false), null);
        }
        catch (PromptFailedException e)
        {
            return (e.Result, e);
        }
    }

    /// <summary>The journal's record of a prompt that is not repeated; else null.</summary>
    private JournalRecord? ReadEarlier(JournalKey key, bool isCommand) =>
        _options.Journal?.IsDone(key, isCommand, _options.RetryIndeterminate) == true ? ReadJournal(key) : null;

    private JournalRecord ReadJournal(JournalKey key)
    {
        try
        {
            return _options.Journal!.Read(key);
        }
        catch (KiroException e)
        {
            _cmdlet.ThrowTerminatingError(KiroErrors.Create(e));
            throw;
        }
    }

    /// <summary>Writes the outcome of an earlier run at its position in this run.</summary>
    private void AddEarlier(JournalRecord earlier, PromptRequest request, object? target) => Pump.Run(number =>
    {
        PromptResult result = earlier.ToResult(request.Index, request.InputObject, ReadValue);
        PromptFailedException? unknown = earlier.ToFailure(result);
        _progress.Taken();
        _progress.EndedEarlier(completed: unknown is null);
        Tell(result, request, number);
        if (unknown is null)
            Write(result, target, number);
        else
            PostError(KiroErrors.CreateIndeterminate(unknown, target), number);
        return Task.CompletedTask;
    });

    private object? ReadValue(string json) => _options.Schema is null ? AnswerReading.ReadAny(json) : AnswerReading.ReadValue(_options.Schema, json).Value;

    /// <summary>Writes a result, or with -Expand the values it has: each property of them is a column, and the input is out of sight.</summary>
    private void Write(PromptResult result, object? target, long number)
    {
        if (!_options.Expand)
        {
            PostResult(result, number);
            return;
        }

        foreach (object? value in result.Value is IList list and not PSObject ? list : new[] { result.Value })
        {
            if (value is not null)
                Pump.Post(RecordKind.Result, AnswerInput.Attach(value, result.GetInput() ?? target), number);
        }
    }

    private void Tell(PromptResult result, PromptRequest request, long number)
    {
        _summary.Count(result);
        if (_options.Verbose)
            Pump.Post(RecordKind.Verbose, $"Prompt {result.Index}: {result.Outcome} {(result.FromJournal ? "in an earlier run, after" : "after")} {Milliseconds(result.Duration)} by process {result.ProcessId?.ToString(CultureInfo.InvariantCulture) ?? "(none)"}.", number);
        if (_options.Debug)
        {
            Pump.Post(
                RecordKind.Debug,
                $"Prompt {result.Index}: session {result.SessionId}, waited {Milliseconds(result.QueuedFor)} for an agent and {Milliseconds(result.SessionWait)} for the session, first text after {Milliseconds(result.TimeToFirstText)}, stop reason {result.StopReason}.",
                number);
        }

        foreach (string warning in _warnings.For(result, request))
            Pump.Post(RecordKind.Warning, warning, number);
    }

    /// <summary>On the pipeline thread, after an error was written.</summary>
    private void CountError()
    {
        if (_failures.Written())
            _cmdlet.ThrowTerminatingError(KiroErrors.Create(KiroException.TooManyFailures(_options.MaxFailures)));
    }

    private static string Milliseconds(TimeSpan? time) =>
        time is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:N0} ms") : "(none)";
}
