using System.Collections.Concurrent;
using System.Management.Automation;
using System.Runtime.ExceptionServices;

namespace KiroPool.Pipeline;

/// <summary>Callbacks on the pipeline thread.</summary>
internal sealed record PumpHooks
{
    /// <summary>Called several times a second while the pump waits or writes; must be quick.</summary>
    public Action? OnTick { get; init; }

    /// <summary>Called after each error. An exception from it ends the invocation.</summary>
    public Action? OnErrorWritten { get; init; }

    /// <summary>Called when the invocation is aborted, before the block is left; must not throw.</summary>
    public Action? OnBroken { get; init; }
}

/// <summary>
/// Runs work beside the pipeline for one invocation of a cmdlet. Workers post records from any thread. Only the pipeline
/// thread writes them, in <see cref="Run"/> and <see cref="Complete"/>. The queue is bounded: while it is full,
/// <see cref="Run"/> writes finished results instead of accepting more work.
/// </summary>
internal sealed class PipelinePump : IDisposable
{
    /// <summary>With ordered output, the limit of running and held-back work per allowed piece of work.</summary>
    private const int OrderedWindow = 4;

    // Cancelled work ends at once. Slower work must not block the shell.
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(2);

    private const int TickMilliseconds = 200;

    // How often a full queue is asked whether it reads ahead.
    private const int ReadAheadMilliseconds = 50;

    private readonly Cmdlet _cmdlet;
    private readonly WorkQueue _queue;
    private readonly OrderedOutput? _ordered;
    private readonly BlockingCollection<PipelineRecord> _records = [];
    private readonly CancellationTokenSource _cancellation = new();
    private readonly PumpHooks _hooks;
    private ExceptionDispatchInfo? _fault;

    public PipelinePump(Cmdlet cmdlet, int atATime, bool ordered, PumpHooks? hooks = null)
    {
        _hooks = hooks ?? new PumpHooks();
        _cmdlet = cmdlet;
        _queue = new WorkQueue(atATime, ordered ? Math.Max(64, atATime * OrderedWindow) : null, RunAsync, number => Post(RecordKind.Finished, number, number), TimeProvider.System);
        _ordered = ordered ? new OrderedOutput() : null;
    }

    /// <summary>Cancelled when the invocation ends for any reason.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Passes a record to the pipeline thread.</summary>
    /// <param name="kind">Its stream.</param>
    /// <param name="value">The value to write.</param>
    /// <param name="work">The number of its piece of work, for ordered output; -1 for none.</param>
    public void Post(RecordKind kind, object value, long work = -1)
    {
        try
        {
            _records.Add(new PipelineRecord(kind, value, work));
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
        {
            // The invocation has ended, so the record is dropped.
        }
    }

    /// <summary>Starts a piece of work as soon as there is room. Where work is slow, it waits in a queue, so that the input is read ahead.</summary>
    /// <param name="work">Gets the number of the work, counted from 0, for <see cref="Post"/>.</param>
    /// <param name="size">Its size in characters, which bounds what is read ahead.</param>
    public void Run(Func<long, Task> work, long size = 0) => Guarded(() =>
    {
        long waitingSince = Environment.TickCount64;
        while (!_queue.Accepts(size, TimeSpan.FromMilliseconds(Environment.TickCount64 - waitingSince)))
            WriteNext(ReadAheadMilliseconds);
        while (_records.TryTake(out PipelineRecord record))
            Write(record);
        _cancellation.Token.ThrowIfCancellationRequested();
        _queue.Add(work, size);
    });

    /// <summary>Writes records until all work has ended.</summary>
    public void Complete() => Guarded(() =>
    {
        while (_queue.IsUnfinished)
            WriteNext(Timeout.Infinite);
        while (_records.TryTake(out PipelineRecord record))
            Write(record);
    });

    /// <summary>Waits for a task on the pipeline thread, until the invocation ends.</summary>
    public void Wait(Task task) => Guarded(() => task.WaitAsync(_cancellation.Token).GetAwaiter().GetResult());

    /// <summary>Writes an error that belongs to no prompt and does not count as a failure. Called on the pipeline thread.</summary>
    public void WriteAside(ErrorRecord error) => _cmdlet.WriteError(error);

    /// <summary>Cancels all work without waiting. StopProcessing calls it on another thread.</summary>
    public void Cancel()
    {
        _queue.Close();
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ctrl+C after the last record.
        }
    }

    public void Dispose()
    {
        Cancel();
        Task.WaitAll(_queue.Running, DisposeLimit);
        _records.Dispose();
        _cancellation.Dispose();
    }

    /// <summary>
    /// Any exception that leaves a block of the cmdlet ends the invocation. <c>Select-Object -First</c> and
    /// <c>-ErrorAction Stop</c> are exceptions from WriteObject and WriteError, without a later StopProcessing.
    /// </summary>
    private void Guarded(Action block)
    {
        try
        {
            block();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch
        {
            Cancel();
            throw;
        }
        finally
        {
            // Cancelled by the end of the block or by Ctrl+C: no more records follow.
            if (_cancellation.IsCancellationRequested)
                _hooks.OnBroken?.Invoke();
        }
    }

    private async Task RunAsync(Func<long, Task> work, long number)
    {
        try
        {
            await work(number).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Work reports expected failures as records. Other exceptions must not vanish on a worker thread.
            Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(e), null);
        }
        catch (OperationCanceledException)
        {
            // The invocation has ended.
        }
    }

    /// <summary>Writes the next record, if one comes in time.</summary>
    private void WriteNext(int milliseconds)
    {
        int wait = _hooks.OnTick is null ? milliseconds : Math.Min(TickMilliseconds, (int)Math.Min((uint)milliseconds, int.MaxValue));
        if (_records.TryTake(out PipelineRecord record, wait))
            Write(record);
        _hooks.OnTick?.Invoke();
    }

    private void Write(PipelineRecord record)
    {
        if (record.Kind == RecordKind.Finished)
            _fault?.Throw();
        if (_ordered is null || record.Work < 0)
        {
            WriteOut(record);
        }
        else
        {
            foreach (PipelineRecord ready in _ordered.Add(record))
                WriteOut(ready);
        }

        if (record.Kind == RecordKind.Finished)
            _queue.Written(_ordered?.NextWork);
    }

    private void WriteOut(PipelineRecord record)
    {
        record.WriteTo(_cmdlet);
        if (record.Kind == RecordKind.Error)
            _hooks.OnErrorWritten?.Invoke();
    }
}
