using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

public sealed class HostDeathTests(ITestOutputHelper output)
{
    private const int Agents = 5;

    // On Windows the job objects need none.
    private static readonly int Guardians = OperatingSystem.IsWindows() ? 0 : 1;

    // Wrapper, agent, and a grandchild in its own session. All of them ignore every signal except SIGKILL.
    private static readonly object Stubborn = new { wrapper = true, ignoreEof = true, ignoreSigterm = true, grandchild = "setsid" };

    public static TheoryData<int> Rounds => [.. Enumerable.Range(1, Seeds.IsFullRun ? 20 : 1)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task Five_busy_stubborn_agents_are_gone_7_s_after_their_host_is_killed(int round)
    {
        using var agent = new SimulatedAgent(Stubborn);
        using var host = new HostProcess(agent);
        await host.DoAsync($"start {Agents}");
        int bystander = int.Parse(await host.DoAsync("bystander"), CultureInfo.InvariantCulture);
        Assert.Equal(3 * Agents, host.Agents.Count);
        Assert.Equal(Guardians, host.Guardians.Count);

        var watch = Stopwatch.StartNew();
        host.Kill();
        await Eventually.HoldsAsync(() => host.Agents.Count == 0);
        double agents = watch.Elapsed.TotalSeconds;
        await Eventually.HoldsAsync(() => host.Guardians.Count == 0);
        double all = watch.Elapsed.TotalSeconds;

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Round {round}: agents gone after {agents:0.00} s, the guardian after {all:0.00} s"));
        Assert.True(LiveProcesses.IsAlive(bystander), "The other child has ended: that it held no end of the guardian's pipe is not proven.");
        LiveProcesses.Kill(bystander);
        Assert.True(all <= 7, $"It took {all:0.00} s.");
    }

    [Theory]
    [InlineData("return")]
    [InlineData("throw")]
    [InlineData("SIGTERM")]
    public async Task No_process_is_left_when_a_host_ends_without_stopping_its_pool(string how)
    {
        Assert.SkipWhen(how == "SIGTERM" && OperatingSystem.IsWindows(), "Windows has no signals.");
        using var agent = new SimulatedAgent(Stubborn);
        using var host = new HostProcess(agent);
        await host.DoAsync("start 2");
        Assert.Equal(6, host.Agents.Count);
        if (how == "SIGTERM")
            await host.TerminateAsync();
        else
            await host.TellAsync(how);
        await host.ExitedAsync();

        var watch = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => host.Agents.Count == 0 && host.Guardians.Count == 0);
        Assert.True(watch.Elapsed <= TimeSpan.FromSeconds(7), $"It took {watch.Elapsed.TotalSeconds:0.00} s.");
    }

    [Fact]
    public async Task Polite_agents_end_quickly_by_themselves()
    {
        using var agent = new SimulatedAgent();
        using var host = new HostProcess(agent);
        await host.DoAsync($"start {Agents}");
        var watch = Stopwatch.StartNew();
        host.Kill();
        await Eventually.HoldsAsync(() => host.Agents.Count == 0 && host.Guardians.Count == 0);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"All gone after {watch.Elapsed.TotalSeconds:0.00} s"));
        Assert.True(watch.Elapsed <= TimeSpan.FromSeconds(5), $"It took {watch.Elapsed.TotalSeconds:0.00} s.");
        Assert.Equal(0, agent.Count("signal"));
    }
}
