namespace KiroPool.Testing;

/// <summary>Counts processes repeatedly on its own thread until it is disposed, and keeps the largest count.</summary>
internal sealed class MostProcesses : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _done;

    public MostProcesses(Func<int> count)
    {
        _thread = new Thread(() =>
        {
            while (!_done)
            {
                Most = Math.Max(Most, count());
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
