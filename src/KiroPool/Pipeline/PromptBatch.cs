using System.Globalization;
using System.Management.Automation;
using KiroPool.Engine;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Journal;

namespace KiroPool.Pipeline;

/// <summary>The options of a batch.</summary>
internal sealed record BatchOptions
{
    /// <summary>The largest number of prompts at a time.</summary>
    public required int ThrottleLimit { get; init; }

    /// <summary>The session the prompts belong to; null for a conversation of each prompt's own.</summary>
    public Session? Session { get; init; }

    /// <summary>Whether output keeps the order of the input.</summary>
    public bool Ordered { get; init; }

    /// <summary>Whether updates are written.</summary>
    public bool Stream { get; init; }

    /// <summary>The number of failures that ends the batch; 0 for never.</summary>
    public int MaxFailures { get; init; }

    public bool Verbose { get; init; }

    public bool Debug { get; init; }

    /// <summary>The journal of the outcomes; null for none.</summary>
    public PromptJournal? Journal { get; init; }

    /// <summary>Whether Indeterminate prompts of an earlier run are repeated.</summary>
    public bool RetryIndeterminate { get; init; }

    /// <summary>What saves the content of answers besides their text; null where it only stays on the results.</summary>
    public ContentFiles? ContentFiles { get; init; }
}

/// <summary>Runs the prompts of one invocation on a pool and reports their outcomes to the pipeline.</summary>
internal sealed class PromptBatch : IPromptBatch
{
    private readonly Cmdlet _cmdlet;
    private readonly AgentPool _pool;
    private readonly BatchOptions _options;
    private readonly BatchProgress _progress;
    private readonly BatchSummary _summary = new();
    private readonly CommonFailure _common = new();
    private int _errorsWritten;
    private int _rejectionsSaid;

    public PromptBatch(Cmdlet cmdlet, AgentPool pool, BatchOptions options)
    {
        _cmdlet = cmdlet;
        _pool = pool;
        _options = options;
        _progress = new BatchProgress(cmdlet, "Invoke-KiroPrompt");
        Pump = new PipelinePump(
            cmdlet,
            options.ThrottleLimit,
            options.Ordered,
            new PumpHooks { OnTick = _progress.Show, OnErrorWritten = CountError, OnBroken = _progress.End });
    }

    public PipelinePump Pump { get; }

    /// <inheritdoc/>
    /// <remarks>It runs as soon as there is room.</remarks>
    public void Add(PromptRequest request, object? target, JournalKey key = default)
    {
        if (ReadEarlier(key, request.IsSlashCommand) is { } earlier)
        {
            AddEarlier(earlier, request, target);
            return;
        }

        Pump.Run(number =>
        {
            _progress.Taken();
            return RunAsync(request, target, key, number);
        });
    }

    /// <inheritdoc/>
    public void AddError(ErrorRecord error) => Pump.Run(number =>
    {
        _progress.Taken();
        _progress.Ended(wasSent: false, completed: false);
        _summary.CountFailure();
        Pump.Post(RecordKind.Error, error, number);
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

    private async Task RunAsync(PromptRequest request, object? target, JournalKey key, long number)
    {
        // The journal has failed, so the outcome of this prompt would be lost; or every prompt fails.
        if (_options.Journal?.HasFailed == true || _common.HasHappened)
            return;
        bool wasSent = false;
        request = request with
        {
            OnSending = (process, waited) =>
            {
                if (!wasSent)
                    _progress.Sent();
                wasSent = true;
                _common.Sent();
                if (_options.Verbose)
                    Pump.Post(RecordKind.Verbose, $"Prompt {request.Index} goes to process {process} after {Milliseconds(waited)}.", number);
            },
            OnUpdate = _options.Stream ? new UnreadUpdates(unread => Pump.Post(RecordKind.Update, unread, number)).Add : null,
        };

        (PromptResult result, PromptFailedException? failure) = await OutcomeAsync(request).ConfigureAwait(false);

        SaveContent(result, number);

        // Before the user sees it, and also when the pipeline is being stopped.
        JournalException? unwritten = _options.Journal is { } journal ? await journal.AppendAsync(key, result, failure).ConfigureAwait(false) : null;
        _progress.Ended(wasSent, completed: failure is null);

        // A cancelled prompt cannot be written to a stopping pipeline. Statistics and journal have it.
        if (failure is not null && Pump.Token.IsCancellationRequested)
            return;
        Tell(result, request.IsSlashCommand, number);
        if (failure is null)
            Pump.Post(RecordKind.Result, result, number);
        else
            Pump.Post(_common.Includes(failure) ? RecordKind.Fatal : RecordKind.Error, KiroErrors.Create(failure, target), number);
        if (unwritten is not null)
            Pump.Post(RecordKind.Fatal, KiroErrors.Create(unwritten), number);
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

    private async Task<(PromptResult Result, PromptFailedException? Failure)> OutcomeAsync(PromptRequest request)
    {
        try
        {
            return (await _pool.PromptAsync(request, _options.Session, Pump.Token).ConfigureAwait(false), null);
        }
        catch (PromptFailedException e)
        {
            return (e.Result, e);
        }
    }

    /// <summary>The journal's record of a prompt that is not repeated; else null.</summary>
    private JournalRecord? ReadEarlier(JournalKey key, bool isCommand)
    {
        bool isDone = _options.Journal?.OutcomeOf(key) switch
        {
            nameof(PromptOutcome.Completed) => isCommand || _options.Journal!.HasAnswer(key),
            nameof(PromptOutcome.Indeterminate) => !_options.RetryIndeterminate,
            _ => false,
        };
        if (!isDone)
            return null;
        try
        {
            return _options.Journal!.Read(key);
        }
        catch (JournalException e)
        {
            _cmdlet.ThrowTerminatingError(KiroErrors.Create(e));
            throw;
        }
    }

    /// <summary>Writes the outcome of an earlier run at its position in this run.</summary>
    private void AddEarlier(JournalRecord earlier, PromptRequest request, object? target) => Pump.Run(number =>
    {
        PromptResult result = earlier.ToResult(request.Index, request.InputObject);
        PromptFailedException? unknown = earlier.ToFailure(result);
        _progress.Taken();
        _progress.EndedEarlier(completed: unknown is null);
        Tell(result, request.IsSlashCommand, number);
        Pump.Post(unknown is null ? RecordKind.Result : RecordKind.Error, unknown is null ? result : KiroErrors.CreateIndeterminate(unknown, target), number);
        return Task.CompletedTask;
    });

    private void Tell(PromptResult result, bool isCommand, long number)
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

        if (result is { Outcome: nameof(PromptOutcome.Completed), StopReason: not "end_turn" })
            Pump.Post(RecordKind.Warning, $"Prompt {result.Index}: the agent stopped early ({result.StopReason}); its answer may be incomplete.", number);
        if (result is { Outcome: nameof(PromptOutcome.Completed), HasAnswer: false } && !isCommand)
            Pump.Post(RecordKind.Warning, $"Prompt {result.Index}: the agent ended its turn without an answer (no text, no content, no tool).", number);
        if (result.ToolCalls.Any(call => call is { Permission: "Rejected", DecidedBy: "Nobody" }) && Interlocked.Exchange(ref _rejectionsSaid, 1) == 0)
            Pump.Post(RecordKind.Warning, $"Prompt {result.Index}: tools were rejected because they are not trusted. ToolCalls of the results lists them. Later rejections are not reported.", number);
    }

    /// <summary>On the pipeline thread, after an error was written.</summary>
    private void CountError()
    {
        if (++_errorsWritten != _options.MaxFailures)
            return;
        _cmdlet.ThrowTerminatingError(KiroErrors.Create(
            KiroErrors.TooManyFailures,
            $"{_errorsWritten} prompts have failed, as many as -MaxFailures allows. The other prompts were not run.",
            _options.MaxFailures));
    }

    private static string Milliseconds(TimeSpan? time) =>
        time is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:N0} ms") : "(none)";
}
