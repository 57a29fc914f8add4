namespace KiroPool.Engine.Pooling;

/// <summary>A conversation for the pool: it waits for an agent, lives on it, and has its turns there.</summary>
internal interface IResident
{
    /// <summary>The name; empty for a temporary conversation, which ends by itself.</summary>
    string Name { get; }

    /// <summary>Waits for the end of its turn, and for a cancelled one within its grace. Returns false if the agent did not end it.</summary>
    Task<bool> SettleAsync();
}
