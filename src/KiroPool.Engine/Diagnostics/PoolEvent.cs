namespace KiroPool.Engine.Diagnostics;

/// <summary>The importance of a <see cref="PoolEvent"/>.</summary>
public enum PoolEventLevel
{
    /// <summary>Details for debugging an agent, such as invalid messages.</summary>
    Debug,

    /// <summary>Actions of the pool: starts, stops, recycles.</summary>
    Verbose,

    /// <summary>An unexpected event from which the pool recovered.</summary>
    Warning,
}

/// <summary>One event of the pool. The message never contains a prompt, an answer or an environment value.</summary>
/// <param name="Level">Its importance.</param>
/// <param name="Message">What happened.</param>
/// <param name="ProcessId">The process of the agent, if the event is about one.</param>
public readonly record struct PoolEvent(PoolEventLevel Level, string Message, int? ProcessId = null)
{
    /// <summary>The message, after the process id if there is one.</summary>
    public override string ToString() => ProcessId is int id ? $"agent {id}: {Message}" : Message;
}

/// <summary>The log of a pool.</summary>
public interface IPoolLog
{
    /// <summary>Whether a listener receives more than warnings. Without one, callers build no debug or verbose messages.</summary>
    bool IsEnabled { get; }

    /// <summary>Receives an event. Called from any thread; must not block and must not throw.</summary>
    void Write(PoolEvent poolEvent);
}
