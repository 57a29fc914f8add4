using System.Diagnostics;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes;

/// <summary>The guardian's script in each shell that a system may have as its sh.</summary>
[Long]
public sealed class GuardianScriptTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly string _prefix = $"{Guid.NewGuid():N}.";
    private readonly List<Process> _processes = [];

    public GuardianScriptTests()
    {
        ShellAgent.Require();
        Assert.SkipWhen(SessionStarter.Default is null, "Needs a program that starts a session.");
    }

    /// <summary>An agent that ends by itself within a second after its host gets no signal.</summary>
    [Theory]
    [MemberData(nameof(Shells.All), MemberType = typeof(Shells))]
    public async Task Agents_have_a_second_to_end_by_themselves(string shell)
    {
        Process guardian = StartGuardian(shell);
        int agent = await StartAgentAsync("trap 'echo signal > \"$1\"; exit' TERM; echo ready; sleep 0.5; echo by itself > \"$1\"");

        await EndHostAsync(guardian, $"+ {agent}\n");

        Assert.Equal("by itself\n", Said());
    }

    [Theory]
    [MemberData(nameof(Shells.All), MemberType = typeof(Shells))]
    public async Task Agents_that_stay_get_SIGTERM_before_SIGKILL(string shell)
    {
        Process guardian = StartGuardian(shell);
        int polite = await StartAgentAsync("trap 'echo signal > \"$1\"; exit' TERM; echo ready; while :; do sleep 0.1; done");
        int stubborn = await StartAgentAsync("trap '' TERM; echo ready; while :; do sleep 0.1; done");

        TimeSpan took = await EndHostAsync(guardian, $"+ {polite}\n+ {stubborn}\n");

        Assert.Equal("signal\n", Said());
        Assert.False(ShellAgent.IsRunning(polite));
        await Eventually.HoldsAsync(() => !ShellAgent.IsRunning(stubborn));
        Assert.InRange(took, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(30));
    }

    /// <summary>The marker is neither the first nor the last variable of the environment.</summary>
    [Theory]
    [MemberData(nameof(Shells.All), MemberType = typeof(Shells))]
    public async Task A_process_that_left_its_group_is_found_by_its_marker(string shell)
    {
        Process guardian = StartGuardian(shell);
        int stray = await StartAgentAsync("trap '' TERM; echo ready; while :; do sleep 0.1; done", marker: _prefix + "7");
        int stranger = await StartAgentAsync("echo ready; sleep 100", marker: "other." + _prefix + "7");

        await EndHostAsync(guardian, "");

        await Eventually.HoldsAsync(() => !ShellAgent.IsRunning(stray));
        Assert.True(ShellAgent.IsRunning(stranger));
    }

    /// <summary>A descendant that left the group has the same graces as the agent that it outlives.</summary>
    [Theory]
    [MemberData(nameof(Shells.All), MemberType = typeof(Shells))]
    public async Task A_process_that_left_its_group_gets_its_time_after_SIGTERM(string shell)
    {
        Process guardian = StartGuardian(shell);
        int stray = await StartAgentAsync("trap 'sleep 0.7; echo cleaned up > \"$1\"; exit' TERM; echo ready; while :; do sleep 0.1; done", marker: _prefix + "7");

        TimeSpan took = await EndHostAsync(guardian, "");

        await Eventually.HoldsAsync(() => !ShellAgent.IsRunning(stray));
        Assert.Equal("cleaned up\n", Said());
        Assert.True(took >= TimeSpan.FromSeconds(1.5), $"It had {took.TotalSeconds:0.0} s.");
    }

    /// <summary>As on macOS, whose ps shows the environment after the command. It has no busybox, which would use its own ps.</summary>
    [Theory]
    [InlineData("sh")]
    [InlineData("dash")]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("mksh")]
    [InlineData("yash")]
    [InlineData("ksh")]
    public async Task Without_proc_such_a_process_is_found_by_ps(string shell)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Stands in for the ps of macOS by that of Linux.");
        Process guardian = StartGuardian(shell, hasProc: false);
        int stray = await StartAgentAsync("trap '' TERM; echo ready; while :; do sleep 0.1; done", marker: _prefix + "7");
        int stranger = await StartAgentAsync("echo ready; sleep 100", marker: "other." + _prefix + "7");

        await EndHostAsync(guardian, "");

        await Eventually.HoldsAsync(() => !ShellAgent.IsRunning(stray));
        Assert.True(ShellAgent.IsRunning(stranger));

        // Two looks a second during the graces, and one for each signal.
        Assert.InRange((await File.ReadAllLinesAsync(PsCalls, TestContext.Current.CancellationToken)).Length, 6, 12);
    }

    [Theory]
    [MemberData(nameof(Shells.All), MemberType = typeof(Shells))]
    public async Task A_forgotten_group_is_left_alone_and_a_leave_message_ends_the_guardian_at_once(string shell)
    {
        Process guardian = StartGuardian(shell);
        int agent = await StartAgentAsync("echo ready; sleep 100");
        int other = await StartAgentAsync("echo ready; sleep 100");

        await guardian.StandardInput.WriteAsync($"+ {agent}\n+ {other}\n- {agent}\n- {other}\n.\n");
        await guardian.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await guardian.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();

        Assert.True(ShellAgent.IsRunning(agent));
        Assert.True(ShellAgent.IsRunning(other));
    }

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        _temp.Dispose();
    }

    private string PsCalls => Path.Combine(_temp.FullName, "calls");

    private string Said() => File.ReadAllText(Path.Combine(_temp.FullName, "said"));

    private static async Task<TimeSpan> EndHostAsync(Process guardian, string groups)
    {
        long start = Stopwatch.GetTimestamp();
        await guardian.StandardInput.WriteAsync(groups);
        guardian.StandardInput.Close();
        await guardian.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();
        return Stopwatch.GetElapsedTime(start);
    }

    private Process StartGuardian(string shell, bool hasProc = true)
    {
        string tools = Shells.Link(_temp, shell);
        _ = _temp.File("tools/ps", $"#!/bin/sh\necho >> '{PsCalls}'\n[ \"$*\" = '-axEww -o pid=,command=' ] && exec /bin/ps axeww -o pid=,command=\n", isProgram: true);
        string script = hasProc ? ProcessGuardian.Script : ProcessGuardian.Script.Replace("/proc/self/environ", "/no/such/file", StringComparison.Ordinal);
        var info = new ProcessStartInfo(Path.Combine(tools, "sh"), ["-c", script, "kiropool-guardian", _prefix]) { RedirectStandardInput = true };
        info.Environment.Clear();
        info.Environment["PATH"] = $"{tools}:/usr/bin:/bin";
        return Started(info);
    }

    /// <summary>Starts a shell script in a session of its own and waits for its first line.</summary>
    private async Task<int> StartAgentAsync(string script, string? marker = null)
    {
        SessionStarter starter = SessionStarter.Default!;
        var info = new ProcessStartInfo(starter.Program, [.. starter.Arguments, "/bin/sh", "-c", script, "agent", Path.Combine(_temp.FullName, "said")]) { RedirectStandardOutput = true };
        info.Environment.Remove(AgentMarker.Variable);
        if (marker is not null)
            info.Environment[AgentMarker.Variable] = marker;
        info.Environment["ZZZ"] = "last";
        Process agent = Started(info);
        Assert.Equal("ready", await agent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().InTime());
        return agent.Id;
    }

    private Process Started(ProcessStartInfo info)
    {
        Process process = Process.Start(info)!;
        _processes.Add(process);
        return process;
    }
}
