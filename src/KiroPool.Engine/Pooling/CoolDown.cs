using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// One pause for the whole pool when an agent is throttled. The limit belongs to the account, so other agents would run
/// into it too. After the pause one prompt tries. If it is throttled again, the pause doubles; otherwise all go on.
/// </summary>
internal sealed class CoolDown(PoolOptions options, TimeProvider time, IPoolLog log)
{
    private readonly object _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _delay;
    private long? _pausedAt;
    private bool _probing;

    /// <summary>The end of the pause; null without one.</summary>
    public DateTimeOffset? Until
    {
        get
        {
            lock (_gate)
                return Left is { Ticks: > 0 } left ? time.GetLocalNow() + left : null;
        }
    }

    /// <summary>The number of throttled prompts.</summary>
    public long ThrottledCount { get; private set; }

    /// <summary>Waits until a prompt may be sent.</summary>
    /// <returns>Whether this prompt is the probe. Call <see cref="Leave"/> in either case.</returns>
    public async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TimeSpan left;
            lock (_gate)
            {
                if (Left is not { } pause)
                    return false;
                left = pause;
                if (left <= TimeSpan.Zero && !_probing)
                    return _probing = true;
                changed = _changed.Task;
            }

            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task over = left > TimeSpan.Zero ? Task.Delay(left, time, woken.Token) : Task.Delay(Timeout.Infinite, woken.Token);
            await Task.WhenAny(changed, over).ConfigureAwait(false);
            await woken.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reports the outcome of a prompt.</summary>
    /// <param name="isProbe">The result of <see cref="EnterAsync"/>.</param>
    /// <param name="wasSent">Whether an agent got it. Otherwise it proves nothing.</param>
    /// <param name="wasThrottled">Whether the agent was throttled.</param>
    public void Leave(bool isProbe, bool wasSent, bool wasThrottled)
    {
        TimeSpan? pause = null;
        lock (_gate)
        {
            if (wasThrottled)
                pause = Pause(isProbe);
            else if (isProbe && wasSent)
                _pausedAt = null;
            if (isProbe)
            {
                _probing = false;
                Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }
        }

        Announce(pause);
    }

    /// <summary>Reports an agent that was throttled before it got a prompt.</summary>
    public void Throttled()
    {
        TimeSpan? pause;
        lock (_gate)
            pause = Pause(isProbe: false);
        Announce(pause);
    }

    /// <summary>The rest of the pause, zero or less when the probe may try; null without a pause.</summary>
    private TimeSpan? Left => _pausedAt is { } since ? _delay - time.GetElapsedTime(since) : null;

    /// <summary>Starts or lengthens a pause. Returns null if nothing changes.</summary>
    private TimeSpan? Pause(bool isProbe)
    {
        ThrottledCount++;

        // Prompts that were running when the pause began are throttled too. This does not change the pause.
        if (_pausedAt is not null && !isProbe)
            return null;
        _delay = _pausedAt is null ? options.CoolDownDelay : _delay * 2 < options.CoolDownMaxDelay ? _delay * 2 : options.CoolDownMaxDelay;
        _pausedAt = time.GetTimestamp();
        return _delay;
    }

    /// <summary>Writes the log, never under the lock, because a listener is foreign code.</summary>
    private void Announce(TimeSpan? pause)
    {
        if (pause is { } delay)
            log.WriteVerbose($"an agent is throttled; all prompts pause for {delay.TotalSeconds:0.#} s");
    }
}
