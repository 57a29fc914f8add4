namespace KiroPool.Engine.Tests.Simulated;

/// <summary>Counts an agent's processes repeatedly until it is disposed, and keeps the largest count.</summary>
internal sealed class MostProcesses : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _done;

    public MostProcesses(SimulatedAgent agent)
    {
        _thread = new Thread(() =>
        {
            while (!_done)
            {
                Most = Math.Max(Most, agent.Processes.Count);
                Thread.Sleep(5);
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
