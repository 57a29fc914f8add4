namespace KiroPool.Engine.Statistics;

/// <summary>What a pool is busy with, for progress bars. Reading it asks no process.</summary>
/// <param name="Starting">Starting processes.</param>
/// <param name="Running">Processes that run a prompt.</param>
/// <param name="Idle">Idle or held processes.</param>
/// <param name="Stopping">Stopping processes.</param>
/// <param name="Waiting">Prompts that wait for an agent.</param>
/// <param name="IsStopped">Whether a stop has begun.</param>
/// <param name="ThrottledUntil">The end of the pause after the account was throttled; null without one.</param>
/// <param name="StartsPausedUntil">The end of the pause after failed starts; null without one.</param>
/// <param name="Resuming">Conversations that an agent is loading. An agent that does not know one may take until the session timeout to fail.</param>
public sealed record PoolActivity(
    int Starting, int Running, int Idle, int Stopping, int Waiting, bool IsStopped, DateTimeOffset? ThrottledUntil, DateTimeOffset? StartsPausedUntil, int Resuming = 0);
