using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes.Far;

/// <summary>
/// One connection to the keeper of a far host: it sends beats and hears their echoes, passes signals on and answers what is
/// left. It has a connection of its own, because the agents' belong to their protocol.
/// </summary>
internal sealed class HostKeeper : IDisposable
{
    // Longer than the answer of a busy host takes; the question is asked again.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);
    private const int BeatsPerMeasurement = 6;
    private static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(5);

    private readonly AgentProcess _process;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<bool>> _questions = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _over = new();
    private readonly LimitTimer _silence;
    private readonly TimeSpan _limit;
    private Dictionary<string, long> _memory = [];
    private Dictionary<string, long> _measured = [];
    private long _beatAt;
    private long _heardAt;
    private long _measuredAt;

    /// <param name="process">The prefix; the keeper has said that it is ready.</param>
    /// <param name="limit">The silence after which the link counts as lost.</param>
    /// <param name="time">The clock.</param>
    public HostKeeper(AgentProcess process, TimeSpan limit, TimeProvider time)
    {
        (_process, _limit, _time) = (process, limit, time);
        _heardAt = time.GetTimestamp();
        _silence = new LimitTimer(time, () => _lost.TrySetResult(string.Create(CultureInfo.InvariantCulture, $"was silent for {limit.TotalSeconds:0.#} s (-HostLostSec)")));
        _silence.Start(limit);
        Ended = OwnWork.Run(EndAsync);
        _ = OwnWork.Run(BeatAsync);
    }

    /// <summary>Completes when the connection is of no use any more, with the reason as the end of a sentence about the link.</summary>
    public Task<string> Ended { get; }

    /// <summary>Whether the keeper was ended alone, on its host, while the link may be whole.</summary>
    public bool WasKilled { get; private set; }

    /// <summary>From a beat to its echo; null before the first one.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>The prefix on this machine.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether an echo is overdue.</summary>
    public bool IsLate => _time.GetElapsedTime(Interlocked.Read(ref _heardAt)) > 2 * Interval;

    private TimeSpan Interval => _limit / 3 < LongestBeat ? _limit / 3 : LongestBeat;

    public void Tell(string line) => _ = WriteAsync(line);

    /// <summary>Whether nothing is left of an agent. False also without an answer.</summary>
    public async Task<bool> IsGoneAsync(string group, string marker)
    {
        TaskCompletionSource<bool> question = _questions.GetOrAdd(marker, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        Tell($"ask {group} {marker}");
        Task first = await Task.WhenAny(question.Task, Ended, Task.Delay(AnswerWithin)).ConfigureAwait(false);
        _questions.TryRemove(KeyValuePair.Create(marker, question));
        return first == question.Task && question.Task.Result;
    }

    /// <summary>As it was measured last. To look through the processes of a host costs it something, so it is not done with every beat.</summary>
    public long? ReadMemoryBytes(string marker)
    {
        if (_time.GetElapsedTime(Interlocked.Read(ref _measuredAt)) > LongestBeat)
            Measure();
        lock (_questions)
            return _measured.TryGetValue(marker, out long bytes) ? bytes : null;
    }

    /// <summary>Lets the keeper leave, or ends it, when no agent is left on its host.</summary>
    public async Task LeaveAsync()
    {
        Tell(".");
        await HostPause.SettleAsync(_process.Exited, AnswerWithin).ConfigureAwait(false);
        await _process.StopAsync(StopGraces.None, _time).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _over.Cancel();
        _silence.Dispose();
    }

    private async Task BeatAsync()
    {
        try
        {
            for (int beats = 0; ;)
            {
                Interlocked.CompareExchange(ref _beatAt, _time.GetTimestamp(), 0);
                Tell("beat");
                if (beats++ % BeatsPerMeasurement == 0)
                    Measure();
                await Task.Delay(Interval, _time, _over.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The keeper has left.
        }
    }

    private void Measure()
    {
        Interlocked.Exchange(ref _measuredAt, _time.GetTimestamp());
        Tell("memory");
    }

    private async Task<string> EndAsync()
    {
        Task reading = ReadAsync();
        await Task.WhenAny(_lost.Task, _process.Exited, reading).ConfigureAwait(false);
        string reason;
        if (_lost.Task.IsCompleted)
        {
            reason = _lost.Task.Result;
        }
        else
        {
            await HostPause.SettleAsync(_process.Exited, AnswerWithin).ConfigureAwait(false);
            int? code = _process.Exited.IsCompletedSuccessfully ? _process.Exited.Result : null;

            // ssh ends with 255 over its own failures; 3 is the keeper's, which has heard nothing and ended everything.
            WasKilled = code is not (null or 255 or 3);
            reason = code == 3 ? "was silent for its far side" : "broke";
        }

        Dispose();
        await _process.StopAsync(StopGraces.None, _time).ConfigureAwait(false);
        return reason;
    }

    private async Task ReadAsync()
    {
        using var lines = new StreamReader(_process.Output, Encoding.ASCII, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        try
        {
            while (await lines.ReadLineAsync().ConfigureAwait(false) is { } line)
                Take(line.Split(' '));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The connection ended.
        }
    }

    private void Take(string[] words)
    {
        Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
        if (!_over.IsCancellationRequested)
            _silence.Start(_limit);
        switch (words)
        {
            case ["beat"]:
                if (Interlocked.Exchange(ref _beatAt, 0) is > 0 and var sentAt)
                    RoundTrip = _time.GetElapsedTime(sentAt);
                break;
            case ["alive" or "gone", var marker] when _questions.TryGetValue(marker, out TaskCompletionSource<bool>? question):
                question.TrySetResult(words[0] == "gone");
                break;
            case ["memory", var marker, var size] when long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes):
                _memory[marker] = _memory.GetValueOrDefault(marker) + (kilobytes * 1024);
                break;
            case ["measured"]:
                lock (_questions)
                    (_measured, _memory) = (_memory, []);
                break;
        }
    }

    private async Task WriteAsync(string line)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await AgentInput.SendAsync(_process.Input, Encoding.ASCII.GetBytes(line + "\n")).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The connection ended, which is noticed elsewhere.
        }
        finally
        {
            _writing.Release();
        }
    }
}
