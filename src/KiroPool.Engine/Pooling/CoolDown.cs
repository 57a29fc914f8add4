using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// One pause for the whole pool when an agent is throttled: the limit is the account's, so other agents would only run
/// into it too. When the pause is over one prompt tries; if it is throttled again the pause doubles, else all go on.
/// </summary>
internal sealed class CoolDown(PoolOptions options, TimeProvider time, IPoolLog log)
{
    private readonly object _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _delay;
    private long? _pausedAt;
    private bool _probing;

    /// <summary>When prompts may go on; null when they may now.</summary>
    public DateTimeOffset? Until
    {
        get
        {
            lock (_gate)
                return Left is { Ticks: > 0 } left ? time.GetUtcNow() + left : null;
        }
    }

    /// <summary>How often an agent has been throttled.</summary>
    public long ThrottledCount { get; private set; }

    /// <summary>Waits until a prompt may be sent.</summary>
    /// <returns>Whether this prompt is the one that tries; <see cref="Leave"/> is due in either case.</returns>
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

    /// <summary>Says what became of a prompt.</summary>
    /// <param name="isProbe">What <see cref="EnterAsync"/> returned.</param>
    /// <param name="wasSent">Whether an agent got it: otherwise it proves nothing.</param>
    /// <param name="wasThrottled">Whether the agent was throttled.</param>
    public void Leave(bool isProbe, bool wasSent, bool wasThrottled)
    {
        lock (_gate)
        {
            if (wasThrottled)
                Pause(isProbe);
            else if (isProbe && wasSent)
                _pausedAt = null;
            if (!isProbe)
                return;
            _probing = false;
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    /// <summary>An agent was throttled before it got a prompt.</summary>
    public void Throttled()
    {
        lock (_gate)
            Pause(isProbe: false);
    }

    /// <summary>What is left of the pause, zero or less when it is time to try; null when there is none.</summary>
    private TimeSpan? Left => _pausedAt is { } since ? _delay - time.GetElapsedTime(since) : null;

    private void Pause(bool isProbe)
    {
        ThrottledCount++;

        // Those that were under way when the pause began are throttled as well, and that is no news.
        if (_pausedAt is not null && !isProbe)
            return;
        _delay = _pausedAt is null ? options.CoolDownDelay : _delay * 2 < options.CoolDownMaxDelay ? _delay * 2 : options.CoolDownMaxDelay;
        _pausedAt = time.GetTimestamp();
        log.WriteVerbose($"an agent is throttled; all prompts pause for {_delay.TotalSeconds:0.#} s");
    }
}
