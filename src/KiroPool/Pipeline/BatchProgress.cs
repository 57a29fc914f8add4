using System.Globalization;
using System.Management.Automation;
using KiroPool.Engine.Statistics;
using KiroPool.Formatting;

namespace KiroPool.Pipeline;

/// <summary>The progress bar of a batch with a line for each running prompt, updated at most five times a second.</summary>
/// <param name="cmdlet">Shows it.</param>
/// <param name="activity">Its title.</param>
/// <param name="readPool">What the pool is busy with; null for a bar that does not say.</param>
internal sealed class BatchProgress(Cmdlet cmdlet, string activity, Func<PoolActivity>? readPool = null)
{
    private const long Between = 200;
    private const long FirstAfter = 500;
    private static int _lastId;

    private readonly int _id = NextId();
    private readonly AgentLines _lines = new(NextId);
    private readonly long _begunAt = Environment.TickCount64;
    private long _shownAt = Environment.TickCount64 + FirstAfter - Between;
    private bool _isShown;
    private int _taken;
    private int _running;
    private int _done;
    private int _failed;
    private int _earlier;

    /// <summary>Marks the end of the input, so that the total is known and the time left can be estimated.</summary>
    public bool InputIsComplete { get; set; }

    /// <summary>Whether there is no bar, because the answers themselves are being shown.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Counts a prompt read from the input.</summary>
    public void Taken() => Interlocked.Increment(ref _taken);

    /// <summary>Counts a prompt that has got an agent.</summary>
    public void Sent() => Interlocked.Increment(ref _running);

    /// <summary>Counts a prompt that has got an agent, and shows it in a line of its own.</summary>
    /// <returns>Call it when the prompt has ended.</returns>
    public Action Sent(string prompt, int? process)
    {
        Sent();
        return _lines.Begin(prompt, process);
    }

    /// <summary>Counts an ended prompt.</summary>
    public void Ended(bool wasSent, bool completed)
    {
        if (wasSent)
            Interlocked.Decrement(ref _running);
        Interlocked.Increment(ref completed ? ref _done : ref _failed);
    }

    /// <summary>Counts a prompt of an earlier run. Its speed does not predict the others.</summary>
    public void EndedEarlier(bool completed)
    {
        Interlocked.Increment(ref _earlier);
        Ended(wasSent: false, completed);
    }

    /// <summary>Updates the bar if an update is due. Called on the pipeline thread.</summary>
    public void Show()
    {
        long now = Environment.TickCount64;
        if (IsSilent || now - _shownAt < Between)
            return;
        _shownAt = now;
        _isShown = true;
        cmdlet.WriteProgress(Read(now - _begunAt));
        foreach (ProgressRecord line in _lines.Read(_id))
            cmdlet.WriteProgress(line);
    }

    /// <summary>Removes the bar. Called on the pipeline thread, also when the pipeline ends early.</summary>
    public void End()
    {
        if (!_isShown)
            return;
        _isShown = false;
        try
        {
            foreach (ProgressRecord line in _lines.Read(_id, isOver: true))
                cmdlet.WriteProgress(line);
            cmdlet.WriteProgress(new ProgressRecord(_id, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
        catch (Exception e) when (e is PipelineStoppedException or InvalidOperationException)
        {
            // After Ctrl+C the host removes the bar itself.
        }
    }

    internal ProgressRecord Read(long elapsedMilliseconds)
    {
        int ended = _done + _failed;
        int queued = Math.Max(0, _taken - ended - _running);
        string total = InputIsComplete ? string.Create(CultureInfo.InvariantCulture, $", {_taken} in all") : "";
        string pool = readPool is null ? "" : PoolWords.Brakes(readPool());
        var record = new ProgressRecord(_id, activity, $"{_done} done, {_running} running, {queued} queued, {_failed} failed{total}{pool}");
        if (InputIsComplete && _taken > 0)
        {
            record.PercentComplete = 100 * ended / _taken;
            if (ended > _earlier)
                record.SecondsRemaining = (int)Math.Ceiling(elapsedMilliseconds / 1000.0 / (ended - _earlier) * (_taken - ended));
        }

        return record;
    }

    internal static int NextId() => Interlocked.Increment(ref _lastId);
}
