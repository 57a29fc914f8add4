namespace KiroPool.Tests.Harness;

/// <summary>Tests with a module and a pool of one warm agent each.</summary>
public abstract class WarmAgentTests : IDisposable
{
    private protected readonly SimulatedAgent _agent = new();
    private protected readonly ModuleRunspace _module;

    private protected WarmAgentTests()
    {
        _module = new ModuleRunspace(_agent);
        _module.StartWarm(1);
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
        GC.SuppressFinalize(this);
    }
}
