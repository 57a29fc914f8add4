namespace KiroPool.Tests.Harness;

/// <summary>Counts repeatedly until it is disposed, and keeps the largest count.</summary>
internal sealed class ProcessSampler : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _done;

    public ProcessSampler(Func<int> count)
    {
        _thread = new Thread(() =>
        {
            while (!_done)
            {
                Most = Math.Max(Most, count());
                Thread.Sleep(1);
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
