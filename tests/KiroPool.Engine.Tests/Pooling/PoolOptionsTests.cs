using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class PoolOptionsTests
{
    private static readonly TimeSpan TooLong = TimeSpan.FromDays(50);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);
    private static readonly TimeSpan Negative = TimeSpan.FromTicks(-1);

    [Fact]
    public void The_defaults_are_those_of_the_design()
    {
        var options = new PoolOptions();

        options.Validate();
        Assert.Equal((5, 1, 2, 100, 0.1), (options.MaxSize, options.MinSize, options.MaxStarting, options.MaxUses, options.Jitter));
        Assert.Equal((300, 30, 30, 90), (Seconds(options.IdleTimeout), Seconds(options.SweepInterval), Seconds(options.StartTimeout), Seconds(options.SessionTimeout)));
        Assert.Equal((10, 600, 2, 2), (Seconds(options.CancelGrace), Seconds(options.InactivityTimeout), Seconds(options.StopGrace), Seconds(options.KillGrace)));
        Assert.Equal((12, 1), (Seconds(options.ConversationStopGrace), options.SessionsPerProcess));
        Assert.Equal(TimeSpan.FromHours(6), options.MaxAge);
    }

    public static TheoryData<PoolOptions> AtTheirBounds =>
    [
        new PoolOptions { MaxSize = 1 },
        new PoolOptions { MaxSize = 1000, MinSize = 1000 },
        new PoolOptions { MinSize = 0 },
        new PoolOptions { MaxStarting = 1 },
        new PoolOptions { MaxStarting = 1000 },
        new PoolOptions { MaxUses = 0 },
        new PoolOptions { Jitter = 0 },
        new PoolOptions { Jitter = 0.5 },
        new PoolOptions { BreakerThreshold = 1 },
        new PoolOptions { SessionsPerProcess = 1 },
        new PoolOptions { SessionsPerProcess = 100 },
        new PoolOptions { ConversationStopGrace = TimeSpan.Zero },
        new PoolOptions { MaxAge = TimeSpan.Zero, IdleTimeout = TimeSpan.Zero, InactivityTimeout = TimeSpan.Zero },
        new PoolOptions { StopGrace = TimeSpan.Zero, KillGrace = TimeSpan.Zero, CancelGrace = TimeSpan.Zero },
        new PoolOptions { MaxAge = Longest, SweepInterval = Longest, StartTimeout = Longest },
    ];

    [Theory]
    [MemberData(nameof(AtTheirBounds), DisableDiscoveryEnumeration = true)]
    public void A_value_at_its_bound_is_accepted(PoolOptions options) => Assert.Null(Record.Exception(options.Validate));

    public static TheoryData<string, object, PoolOptions> OutOfRange => new()
    {
        { nameof(PoolOptions.MaxSize), 0, new() { MaxSize = 0, MinSize = 0 } },
        { nameof(PoolOptions.MaxSize), 1001, new() { MaxSize = 1001 } },
        { nameof(PoolOptions.MinSize), -1, new() { MinSize = -1 } },
        { nameof(PoolOptions.MinSize), 6, new() { MinSize = 6, MaxSize = 5 } },
        { nameof(PoolOptions.MaxStarting), 0, new() { MaxStarting = 0 } },
        { nameof(PoolOptions.MaxStarting), 1001, new() { MaxStarting = 1001 } },
        { nameof(PoolOptions.MaxUses), -1, new() { MaxUses = -1 } },
        { nameof(PoolOptions.Jitter), -0.01, new() { Jitter = -0.01 } },
        { nameof(PoolOptions.Jitter), 0.51, new() { Jitter = 0.51 } },
        { nameof(PoolOptions.Jitter), double.NaN, new() { Jitter = double.NaN } },
        { nameof(PoolOptions.SessionsPerProcess), 0, new() { SessionsPerProcess = 0 } },
        { nameof(PoolOptions.SessionsPerProcess), 101, new() { SessionsPerProcess = 101 } },
        { nameof(PoolOptions.BreakerThreshold), 0, new() { BreakerThreshold = 0 } },
        { nameof(PoolOptions.MaxAge), Negative, new() { MaxAge = Negative } },
        { nameof(PoolOptions.MaxAge), TooLong, new() { MaxAge = TooLong } },
        { nameof(PoolOptions.IdleTimeout), Negative, new() { IdleTimeout = Negative } },
        { nameof(PoolOptions.InactivityTimeout), TooLong, new() { InactivityTimeout = TooLong } },
        { nameof(PoolOptions.StopGrace), Negative, new() { StopGrace = Negative } },
        { nameof(PoolOptions.KillGrace), Negative, new() { KillGrace = Negative } },
        { nameof(PoolOptions.CancelGrace), Negative, new() { CancelGrace = Negative } },
        { nameof(PoolOptions.SweepInterval), TimeSpan.Zero, new() { SweepInterval = TimeSpan.Zero } },
        { nameof(PoolOptions.StartTimeout), TimeSpan.Zero, new() { StartTimeout = TimeSpan.Zero } },
        { nameof(PoolOptions.SessionTimeout), TooLong, new() { SessionTimeout = TooLong } },
        { nameof(PoolOptions.BreakerDelay), TimeSpan.Zero, new() { BreakerDelay = TimeSpan.Zero } },
        { nameof(PoolOptions.BreakerMaxDelay), TimeSpan.Zero, new() { BreakerMaxDelay = TimeSpan.Zero } },
        { nameof(PoolOptions.CoolDownDelay), TimeSpan.Zero, new() { CoolDownDelay = TimeSpan.Zero } },
        { nameof(PoolOptions.BreakerMaxDelay), TimeSpan.FromSeconds(1), new() { BreakerDelay = TimeSpan.FromSeconds(2), BreakerMaxDelay = TimeSpan.FromSeconds(1) } },
        { nameof(PoolOptions.CoolDownMaxDelay), TimeSpan.FromSeconds(1), new() { CoolDownMaxDelay = TimeSpan.FromSeconds(1) } },
        { nameof(PoolOptions.CoolDownMaxDelay), TooLong, new() { CoolDownMaxDelay = TooLong } },
        { nameof(PoolOptions.MaxMemoryBytes), -1L, new() { MaxMemoryBytes = -1 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public void The_error_for_a_value_out_of_range_gives_name_and_value(string name, object value, PoolOptions options)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);

        Assert.Equal(name, refusal.ParamName);
        Assert.Equal(value, refusal.ActualValue);
        Assert.StartsWith($"{name} must be ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"is {string.Create(CultureInfo.InvariantCulture, $"{value}")}.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_for_a_minimum_over_the_maximum_gives_the_maximum()
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(new PoolOptions { MinSize = 4, MaxSize = 3 }.Validate);

        Assert.Contains("MaxSize, which is 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_checks_its_options_before_any_start() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new AgentPool(new PoolOptions { MaxSize = 0 }, new AgentSpec { Executable = "/bin/true", WorkingDirectory = "/" }));

    private static int Seconds(TimeSpan time) => (int)time.TotalSeconds;
}
