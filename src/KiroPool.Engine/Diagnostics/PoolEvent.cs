namespace KiroPool.Engine.Diagnostics;

/// <summary>How much a <see cref="PoolEvent"/> matters.</summary>
public enum PoolEventLevel
{
    /// <summary>Frames and noise: what somebody debugging an agent wants.</summary>
    Debug,

    /// <summary>What the pool does: starts, stops, recycles.</summary>
    Verbose,

    /// <summary>Something surprising that the pool got over.</summary>
    Warning,
}

/// <summary>One thing that happened in the pool. The message never holds a prompt, an answer or an environment value.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Message">What happened.</param>
/// <param name="ProcessId">The agent's process, if one is concerned.</param>
public readonly record struct PoolEvent(PoolEventLevel Level, string Message, int? ProcessId = null)
{
    /// <summary>The message, with the process in front if there is one.</summary>
    public override string ToString() => ProcessId is int id ? $"agent {id}: {Message}" : Message;
}

/// <summary>Where the pool says what it does.</summary>
public interface IPoolLog
{
    /// <summary>Whether anybody listens; lets callers skip building messages.</summary>
    bool IsEnabled { get; }

    /// <summary>Takes an event. Called from any thread; must not block and must not throw.</summary>
    void Write(PoolEvent poolEvent);
}
