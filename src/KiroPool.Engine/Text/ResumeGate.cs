using System.Collections.Concurrent;

namespace KiroPool.Engine.Text;

/// <summary>
/// Lets one prompt at a time continue the newest conversation of a directory: two at once would each continue what the
/// other has not finished (kirodotdev/Kiro#9066). One for all pools of the process.
/// </summary>
internal static class ResumeGate
{
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates =
        new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    /// <summary>Waits for the directory's turn, first come, first served; it ends when what is returned is disposed.</summary>
    public static async Task<IDisposable> EnterAsync(string directory, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = Gates.GetOrAdd(Path.TrimEndingDirectorySeparator(directory), _ => new SemaphoreSlim(1, 1));
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
