using System.Collections.Concurrent;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Text;

/// <summary>
/// Lets one prompt at a time continue the newest conversation of a directory. Two at once would each continue the other's
/// unfinished conversation (kirodotdev/Kiro#9066). All pools of the process share the gate.
/// </summary>
internal static class ResumeGate
{
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates = [];

    /// <summary>Waits for the directory, first come, first served. Disposing the result releases it.</summary>
    public static async Task<IDisposable> EnterAsync(string directory, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = Gates.GetOrAdd(PathKey.Of(Path.TrimEndingDirectorySeparator(directory)), _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(gate);
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
                gate.Release();
        }
    }
}
