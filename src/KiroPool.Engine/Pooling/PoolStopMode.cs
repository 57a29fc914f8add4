namespace KiroPool.Engine.Pooling;

/// <summary>How a pool is stopped.</summary>
public enum PoolStopMode
{
    /// <summary>Prompts that are queued or running go on to their end; new ones are refused.</summary>
    Drain,

    /// <summary>Queued prompts fail and running ones are cancelled.</summary>
    Cancel,

    /// <summary>As <see cref="Cancel"/>, and processes get no grace.</summary>
    Kill,
}
