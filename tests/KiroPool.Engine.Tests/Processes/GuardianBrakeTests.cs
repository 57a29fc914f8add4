using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes;

public sealed class GuardianBrakeTests
{
    [Fact]
    public void Each_early_end_makes_the_next_wait_longer_up_to_a_minute()
    {
        var brake = new GuardianBrake();
        TimeSpan[] waits = [.. Enumerable.Range(0, 12).Select(_ =>
        {
            brake.Started();
            return brake.Ended();
        })];

        Assert.Equal([0, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60], waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task A_guardian_that_cannot_stay_is_restarted_with_a_brake_and_a_warning()
    {
        ShellAgent.Require();
        var log = new PoolLog();
        var warnings = new List<PoolEvent>();
        using IDisposable listening = log.Subscribe(e =>
        {
            lock (warnings)
                warnings.Add(e);
        });
        var guardian = new ProcessGuardian("exit");
        guardian.AddPool(log);
        await guardian.EnsureRunningAsync();

        // Without the brake there would be a hundred in this time.
        await Eventually.HoldsAsync(() => guardian.Restarts >= 3);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.InRange(guardian.Restarts, 3, 5);
        Assert.Equal(guardian.Restarts, warnings.Count);
        Assert.All(warnings, warning => Assert.Equal(PoolEventLevel.Warning, warning.Level));
        Assert.Contains("The guardian process ended by itself (1 times so far)", warnings[0].Message, StringComparison.Ordinal);

        await guardian.RemovePoolAsync(log);
    }
}
