using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// Uses a pool at random: requests, abandons, returns, completes starts and stops, kills agents, moves the clock. After
/// each move it checks which waiters were served.
/// </summary>
internal sealed class RandomRun : IAsyncDisposable
{
    private readonly Random _random;
    private readonly string[] _keys;
    private readonly List<Request> _waiting = [];
    private readonly List<AgentLease> _leases = [];
    private int _asked;

    public RandomRun(PoolOptions options, int seed, params string[] keys)
    {
        _random = new Random(seed);
        _keys = keys;
        Bench = new PoolBench(options, seed);
        Bench.Connector.Starts.Close();
        Bench.Connector.Stops.Close();
    }

    public PoolBench Bench { get; }

    /// <summary>Whether agents die, starts fail and agents do not settle.</summary>
    public bool WithFaults { get; init; }

    public int Served { get; private set; }

    public int Refused { get; private set; }

    /// <summary>
    /// The largest number of times a waiter was passed over: a later request for another key got an agent of a full pool
    /// while no start was under way for the waiter.
    /// </summary>
    public int MostPassedOver { get; private set; }

    public async Task MoveAsync()
    {
        PoolStatistics before = Bench.Statistics;
        MakeMove();
        await Bench.QuietAsync();

        // Waiters are served and refused after the pool's lock was left, so the pool counts them a moment before their tasks complete.
        await Eventually.HoldsAsync(() =>
            Bench.Statistics.ActiveCount == _leases.Count + _waiting.Count(r => r.Task.IsCompletedSuccessfully)
            && Bench.Statistics.WaitingCount == _waiting.Count(r => !r.Task.IsCompleted));
        Collect(before);
        Assert.Equal(_leases.Count, Bench.Statistics.ActiveCount);
        Assert.Equal(_waiting.Count, Bench.Statistics.WaitingCount);
    }

    /// <summary>Runs until no waiter is left. A pool that has lost a waiter or a slot never gets there.</summary>
    public async Task FinishAsync()
    {
        Bench.Connector.OpenGates();
        while (_waiting.Count > 0)
        {
            foreach (AgentLease lease in Drain(_leases))
                lease.Return();
            await Task.WhenAny(_waiting.Select(r => r.Task)).InTime();

            // Several agents get ready at once here, and each serves its waiter on a thread of its own.
            Collect(Bench.Statistics, isQuiet: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AgentLease lease in Drain(_leases))
            lease.Return();
        await Bench.DisposeAsync();
    }

    private void MakeMove()
    {
        switch (_random.Next(WithFaults ? 11 : 7))
        {
            case 0 or 1 when _waiting.Count < 12:
                Ask();
                break;
            case 2 or 3 when _leases.Count > 0:
                AgentLease used = Any(_leases, remove: true);
                used.CountUse();
                used.Return();
                break;
            case 4:
                Bench.Connector.Starts.ReleaseFirst();
                break;
            case 5:
                Bench.Connector.Stops.ReleaseFirst();
                break;
            case 6 when _waiting.Count > 0 && _random.Next(4) == 0:
                Any(_waiting, remove: false).Cancel.Cancel();
                break;
            case 7:
                Any(Bench.Connector.All, remove: false)?.Die();
                break;
            case 8 when _leases.Count > 0:
                PoolBench.AgentOf(Any(_leases, remove: false)).Settles = false;
                break;
            case 9:
                Bench.Connector.ScriptStarts(PoolBench.Key(Any(_keys, remove: false)), FailureKind.AgentStartFailed, null, FailureKind.AgentStartFailed);
                break;
            case 10:
                Bench.Clock.Advance(TimeSpan.FromSeconds(_random.Next(1, 40)));
                break;
        }
    }

    private void Ask()
    {
        var cancel = new CancellationTokenSource();
        string key = Any(_keys, remove: false);
        _waiting.Add(new Request(++_asked, key, Bench.Ask(key, cancel.Token), cancel));
    }

    private void Collect(PoolStatistics before, bool isQuiet = true)
    {
        Request[] done = [.. _waiting.Where(r => r.Task.IsCompleted)];
        foreach (Request request in done)
            _waiting.Remove(request);
        foreach (Request served in done.Where(r => r.Task.IsCompletedSuccessfully))
        {
            Served++;
            _leases.Add(served.Task.Result);
            Assert.Equal(served.Key, PoolBench.AgentOf(served.Task.Result).Spec.Agent);
            if (!isQuiet)
                continue;
            Assert.DoesNotContain(_waiting, w => w.Key == served.Key && w.Number < served.Number);
            CountPassedOver(served, before);
        }

        Refused += done.Count(r => r.Task.IsFaulted);
    }

    private void CountPassedOver(Request served, PoolStatistics before)
    {
        if (before.Processes.Count < Bench.Options.MaxSize)
            return;
        string?[] starting = [.. before.Processes.Concat(Bench.Statistics.Processes).Where(p => p.State == "Starting").Select(p => p.Agent)];
        foreach (Request waiter in _waiting.Where(w => w.Number < served.Number && w.Key != served.Key && !starting.Contains(w.Key)))
            MostPassedOver = Math.Max(MostPassedOver, ++waiter.PassedOver);
    }

    private T Any<T>(IReadOnlyList<T> list, bool remove)
    {
        if (list.Count == 0)
            return default!;
        T item = list[_random.Next(list.Count)];
        if (remove)
            ((List<T>)list).Remove(item);
        return item;
    }

    private static T[] Drain<T>(List<T> list)
    {
        T[] items = [.. list];
        list.Clear();
        return items;
    }

    private sealed record Request(int Number, string Key, Task<AgentLease> Task, CancellationTokenSource Cancel)
    {
        public int PassedOver { get; set; }
    }
}
