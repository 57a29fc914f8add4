using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

public sealed class GuardianTests
{
    private readonly ITestOutputHelper _output;

    public GuardianTests(ITestOutputHelper output)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has job objects instead.");
        _output = output;
    }

    [Fact]
    public async Task A_host_has_one_guardian_from_its_first_agent_until_its_last_pool_stops()
    {
        using var agent = new SimulatedAgent();
        using var host = new HostProcess(agent);
        Assert.Empty(host.Guardians);

        await host.DoAsync("start 3");
        int guardian = Assert.Single(host.Guardians);
        await host.DoAsync("start 2");
        Assert.Equal([guardian], host.Guardians);
        Assert.Equal(5, host.Agents.Count);

        await host.DoAsync("stop");
        Assert.Equal([guardian], host.Guardians);
        Assert.Equal(2, host.Agents.Count);
        await host.DoAsync("stop");
        await Eventually.HoldsAsync(() => host.Guardians.Count == 0);
        Assert.Empty(host.Agents);
    }

    [Fact]
    public async Task A_pool_after_the_last_one_gets_a_new_guardian()
    {
        using var agent = new SimulatedAgent(new { ignoreEof = true });
        using var host = new HostProcess(agent);
        await host.DoAsync("start 1");
        int first = Assert.Single(host.Guardians);
        await host.DoAsync("stop");
        await host.DoAsync("start 2");

        await Eventually.HoldsAsync(() => host.Guardians.Count == 1);
        Assert.NotEqual(first, Assert.Single(host.Guardians));

        // The first guardian must not end the agents of the second pool. It would do so after 1 s.
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Equal(2, host.Agents.Count);
        host.Kill();
        await Eventually.HoldsAsync(() => host.Agents.Count == 0 && host.Guardians.Count == 0);
    }

    [Fact]
    public async Task A_group_that_outlives_the_last_pool_keeps_the_guardian_and_harms_no_other_agent()
    {
        var info = new ProcessStartInfo("sleep", "300");
        info.Environment[AgentMarker.Variable] = AgentMarker.HostPrefix + "next";
        using Process next = Process.Start(info)!;
        var guardian = new ProcessGuardian();
        guardian.AddPool();
        await guardian.WatchAsync(next.Id);
        int process = guardian.ProcessId!.Value;

        await guardian.RemovePoolAsync();
        Assert.Equal(process, guardian.ProcessId);
        await guardian.ForgetAsync(next.Id);
        await Eventually.HoldsAsync(() => !LiveProcesses.IsAlive(process));

        Assert.False(next.HasExited, "The guardian took the end of the pool for the end of the host.");
        next.Kill();
    }

    [Fact]
    public async Task A_killed_guardian_is_replaced_and_the_new_one_knows_all_agents()
    {
        using var agent = new SimulatedAgent(new { ignoreEof = true, ignoreSigterm = true });
        using var host = new HostProcess(agent);
        await host.DoAsync("start 2");
        int first = Assert.Single(host.Guardians);
        LiveProcesses.Kill(first);

        await Eventually.HoldsAsync(() => host.Guardians is [var now] && now != first);
        Assert.Equal(2, host.Agents.Count);
        host.Kill();
        await Eventually.HoldsAsync(() => host.Agents.Count == 0 && host.Guardians.Count == 0);
    }

    [Fact]
    public async Task A_guardian_is_small_and_ignores_signals_of_the_terminal()
    {
        using var agent = new SimulatedAgent();
        using var host = new HostProcess(agent);
        await host.DoAsync("start 1");
        int guardian = Assert.Single(host.Guardians);

        ProcStat stat = ProcStat.TryRead(guardian)!.Value;
        Assert.Equal((guardian, guardian), (stat.GroupId, stat.SessionId));
        long privateKb = PrivateKilobytes(guardian);
        _output.WriteLine($"The guardian: {stat.ResidentBytes / 1024:N0} kB resident, {privateKb:N0} kB of that its own");
        Assert.InRange(privateKb, 1, 1024);
        Assert.InRange(stat.ResidentBytes, 1, 8 * 1024 * 1024);
    }

    /// <summary>Memory that is not shared with other processes, such as the C library's.</summary>
    private static long PrivateKilobytes(int id) =>
        File.ReadLines($"/proc/{id}/smaps_rollup").Where(line => line.StartsWith("Private_", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
}
