using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class AgentLimitsTests
{
    private static readonly PoolOptions Options = new() { MaxUses = 20, MaxAge = TimeSpan.FromHours(10), Jitter = 0.2 };

    [Fact]
    public void A_replacement_is_due_up_to_the_jitter_before_the_limit_and_a_use_possible_up_to_the_jitter_after_it()
    {
        AgentLimits[] drawn = Draw(Options);

        Assert.Equal((16, 20), (drawn.Min(limits => limits.Uses), drawn.Max(limits => limits.Uses)));
        Assert.All(drawn, limits => Assert.Equal(24, limits.MostUses));
    }

    [Fact]
    public void Ages_lie_on_both_sides_of_the_limit()
    {
        double[] hours = [.. Draw(Options).Select(limits => limits.Age.TotalHours)];

        Assert.InRange(hours.Min(), 8, 8.2);
        Assert.InRange(hours.Max(), 11.8, 12);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 1)]
    public void The_jitter_neither_makes_a_limit_nor_takes_the_only_use(int maxUses, int uses, int mostUses) =>
        Assert.All(Draw(new PoolOptions { MaxUses = maxUses, Jitter = 0.5 }), limits => Assert.Equal((uses, mostUses), (limits.Uses, limits.MostUses)));

    [Fact]
    public void An_agent_that_serves_once_is_used_up_by_one_prompt_and_no_replacement_is_due_for_it()
    {
        var limits = AgentLimits.Draw(Options, servesOnce: true, new Random(1));

        Assert.Equal((0, 1), (limits.Uses, limits.MostUses));
    }

    private static AgentLimits[] Draw(PoolOptions options)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 500).Select(_ => AgentLimits.Draw(options, servesOnce: false, random))];
    }
}
