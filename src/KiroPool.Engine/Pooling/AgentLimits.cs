namespace KiroPool.Engine.Pooling;

/// <summary>
/// The limits of one agent. They are drawn by lot around the pool's, so that agents started together are not replaced
/// together.
/// </summary>
/// <param name="Uses">Prompts after which it is due to be replaced; 0 for never.</param>
/// <param name="MostUses">Prompts it may serve at most while it waits for its replacement.</param>
/// <param name="Age">Age at which it is due; zero for never.</param>
internal readonly record struct AgentLimits(int Uses, int MostUses, TimeSpan Age)
{
    /// <param name="options">The pool's limits.</param>
    /// <param name="servesOnce">The agent is used up by its first prompt or conversation. That is no limit reached: nothing replaces it ahead.</param>
    /// <param name="random">Draws the lots.</param>
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
