namespace KiroPool.Testing;

/// <summary>Lists processes repeatedly on its own thread until it is disposed, and keeps the largest number that lived at the same time.</summary>
internal sealed class MostProcesses : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _done;

    public MostProcesses(Func<IReadOnlyList<int>> list)
    {
        _thread = new Thread(() =>
        {
            // A list is no snapshot: it can have a process that has ended and the one that replaced it. Only those of two
            // lists in a row lived at the same time.
            IReadOnlyList<int> before = [];
            while (!_done)
            {
                IReadOnlyList<int> now = list();
                Most = Math.Max(Most, now.Intersect(before).Count());
                before = now;
                Thread.Sleep(2);
            }
        });
        _thread.Start();
    }

    public int Most { get; private set; }

    public void Dispose()
    {
        _done = true;
        _thread.Join();
    }
}
