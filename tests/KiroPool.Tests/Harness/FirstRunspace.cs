using KiroPool.Tests.Harness;

[assembly: AssemblyFixture(typeof(FirstRunspace))]

namespace KiroPool.Tests.Harness;

/// <summary>
/// The process's first runspace, Id 1: the one of the console in a real pwsh, and the only one that gets a default pool.
/// Created before any test, because otherwise the runspace of some test would be the first.
/// </summary>
public sealed class FirstRunspace : IDisposable
{
    private readonly ModuleRunspace _runspace = new();

    public FirstRunspace()
    {
        // Scripts load types and formats lazily. The time limits of the first test should not include that.
        _runspace.Run("1 | ForEach-Object { $_ }").WithoutError();
    }

    internal ModuleRunspace Runspace => _runspace;

    public void Dispose() => _runspace.Dispose();
}
