using System.Diagnostics;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes;

/// <summary>The output of ps, by which processes are found on macOS.</summary>
public sealed class UnixProcessTests
{
    private static readonly string Marker = AgentMarker.HostPrefix + "12";

    [Fact]
    public void A_line_of_ps_gives_the_group_the_memory_and_the_marker()
    {
        string output =
            $"  501   500  1024 S    /bin/agent acp --flag HOME=/x {AgentMarker.Variable}={Marker} PATH=/bin\n"
            + $"  502   500  2048 Ss+  /bin/agent {AgentMarker.Variable}={Marker}\n"
            + "  503     1    16 S    (agent)\n"
            + $"  504   500     0 Z    (dead) {AgentMarker.Variable}={Marker}\n"
            + $"  505     7   100 R    sh OLD_{AgentMarker.Variable}={Marker} {AgentMarker.Variable}=of-another-host.1\n";

        Assert.Equal(
            [new(501, 500, 1024 * 1024, Marker), new(502, 500, 2048 * 1024, Marker), new(503, 1, 16 * 1024, null), new(505, 7, 100 * 1024, null)],
            UnixProcess.FromPs(new StringReader(output)));
    }

    [Fact]
    public async Task A_running_process_is_found_in_the_output_of_a_real_ps()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Stands in for the ps of macOS by that of Linux.");
        await using var agent = ShellAgent.Start("echo ready; cat");
        await agent.ReadLineAsync();
        using Process ps = Process.Start(new ProcessStartInfo("/bin/ps", ["axeww", "-o", UnixProcess.PsColumns]) { RedirectStandardOutput = true })!;

        UnixProcess found = UnixProcess.FromPs(ps.StandardOutput).ToList().Single(process => process.Id == agent.Process.Id);

        Assert.Equal(agent.Process.Id, found.GroupId);
        Assert.StartsWith(AgentMarker.HostPrefix, found.Marker, StringComparison.Ordinal);
        Assert.True(found.ResidentBytes > 0);
    }
}
