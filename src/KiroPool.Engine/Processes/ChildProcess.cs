namespace KiroPool.Engine.Processes;

/// <summary>A child of this process, its three streams redirected. The systems differ in how it is started and watched.</summary>
internal abstract class ChildProcess : IDisposable
{
    /// <summary>The process id.</summary>
    public abstract int Id { get; }

    /// <summary>Its stdin: raw bytes, no byte order mark.</summary>
    public abstract Stream Input { get; }

    /// <summary>Its stdout.</summary>
    public abstract Stream Output { get; }

    /// <summary>Its stderr.</summary>
    public abstract Stream Error { get; }

    /// <summary>Completes with the exit code.</summary>
    public abstract Task<int> Exited { get; }

    /// <summary>Whether it has ended. This is true even before <see cref="Exited"/> completes.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Closes the streams and stops watching. The process itself is not touched.</summary>
    public abstract void Dispose();
}
