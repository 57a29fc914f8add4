namespace KiroPool.Engine.Pooling;

/// <summary>The mode of a stop.</summary>
public enum PoolStopMode
{
    /// <summary>Queued and running prompts complete; new ones are refused.</summary>
    Drain,

    /// <summary>Queued prompts fail and running ones are cancelled.</summary>
    Cancel,

    /// <summary>As <see cref="Cancel"/>, and processes get no grace.</summary>
    Kill,
}
