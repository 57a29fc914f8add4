namespace KiroPool.Engine.Pooling;

/// <summary>A conversation as the pool sees it: it waits for an agent, lives on it, and has its turns there.</summary>
internal interface IResident
{
    /// <summary>The name scripts know it by; empty for a temporary one, which leaves by itself.</summary>
    string Name { get; }

    /// <summary>Waits for the end of its turn, a cancelled one for its grace. False: the agent did not end it.</summary>
    Task<bool> SettleAsync();
}
