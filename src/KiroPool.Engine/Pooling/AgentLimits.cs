namespace KiroPool.Engine.Pooling;

/// <summary>
/// The limits of one agent. They deviate randomly from those of the pool, so that agents started together are not
/// replaced together.
/// </summary>
/// <param name="Uses">The number of prompts after which it should be replaced; 0 for never.</param>
/// <param name="MostUses">The largest number of prompts it may serve while it waits for its replacement.</param>
/// <param name="Age">The age at which it should be replaced; zero for never.</param>
internal readonly record struct AgentLimits(int Uses, int MostUses, TimeSpan Age)
{
    /// <param name="options">The pool's limits.</param>
    /// <param name="servesOnce">Whether the first prompt or conversation uses up the agent. This is not a limit: no replacement starts ahead.</param>
    /// <param name="random">The random source.</param>
    public static AgentLimits Draw(PoolOptions options, bool servesOnce, Random random)
    {
        TimeSpan age = options.MaxAge * (1 + (options.Jitter * ((2 * random.NextDouble()) - 1)));
        if (servesOnce)
            return new AgentLimits(Uses: 0, MostUses: 1, age);
        int uses = options.MaxUses == 0 ? 0 : Math.Max(1, (int)Math.Round(options.MaxUses * (1 - (options.Jitter * random.NextDouble()))));
        int mostUses = Math.Max(uses, (int)(options.MaxUses * (1 + options.Jitter)));
        return new AgentLimits(uses, mostUses, age);
    }
}
