using System.Management.Automation;

namespace KiroPool.Pipeline;

/// <summary>How far a batch of prompts is, shown as a progress bar five times a second at most.</summary>
internal sealed class BatchProgress(Cmdlet cmdlet, string activity)
{
    private const long Between = 200;
    private const long FirstAfter = 500;
    private static int _lastId;

    private readonly int _id = Interlocked.Increment(ref _lastId);
    private readonly long _begunAt = Environment.TickCount64;
    private long _shownAt = Environment.TickCount64 + FirstAfter - Between;
    private bool _isShown;
    private int _taken;
    private int _running;
    private int _done;
    private int _failed;
    private int _earlier;

    /// <summary>The whole input is known, so the end can be foreseen.</summary>
    public bool InputIsComplete { get; set; }

    /// <summary>A prompt was taken from the input.</summary>
    public void Taken() => Interlocked.Increment(ref _taken);

    /// <summary>A prompt goes to an agent.</summary>
    public void Sent() => Interlocked.Increment(ref _running);

    /// <summary>A prompt has ended.</summary>
    public void Ended(bool wasSent, bool completed)
    {
        if (wasSent)
            Interlocked.Decrement(ref _running);
        Interlocked.Increment(ref completed ? ref _done : ref _failed);
    }

    /// <summary>A prompt has what an earlier run got; how fast that went says nothing of the others.</summary>
    public void EndedEarlier(bool completed)
    {
        Interlocked.Increment(ref _earlier);
        Ended(wasSent: false, completed);
    }

    /// <summary>Shows it, if that is due. Called on the pipeline thread.</summary>
    public void Show()
    {
        long now = Environment.TickCount64;
        if (now - _shownAt < Between)
            return;
        _shownAt = now;
        _isShown = true;
        cmdlet.WriteProgress(Read(now - _begunAt));
    }

    /// <summary>Takes the bar away. Called on the pipeline thread, also when the pipeline ends early.</summary>
    public void End()
    {
        if (!_isShown)
            return;
        _isShown = false;
        try
        {
            cmdlet.WriteProgress(new ProgressRecord(_id, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
        catch (Exception e) when (e is PipelineStoppedException or InvalidOperationException)
        {
            // Ctrl+C: the host takes the bar away itself.
        }
    }

    internal ProgressRecord Read(long elapsedMilliseconds)
    {
        int ended = _done + _failed;
        int queued = Math.Max(0, _taken - ended - _running);
        var record = new ProgressRecord(_id, activity, $"{_done} done, {_running} running, {queued} queued, {_failed} failed");
        if (InputIsComplete && _taken > 0)
        {
            record.PercentComplete = 100 * ended / _taken;
            if (ended > _earlier)
                record.SecondsRemaining = (int)Math.Ceiling(elapsedMilliseconds / 1000.0 / (ended - _earlier) * (_taken - ended));
        }

        return record;
    }
}
