using System.Diagnostics;
using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Processes.Far;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes.Far;

/// <summary>The functions that stub and keeper share, in each shell that a far host may have as its sh.</summary>
public sealed class FarScriptTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public FarScriptTests()
    {
        ShellAgent.Require();
        Assert.SkipWhen(SessionStarter.Default is null, "Needs a program that starts a session.");
    }

    /// <summary>yash in the C locale refuses a script with other characters.</summary>
    [Theory]
    [InlineData("common")]
    [InlineData("stub")]
    [InlineData("keeper")]
    public async Task A_script_is_ASCII(string name) =>
        Assert.DoesNotContain(await ReadAsync(name), c => !char.IsAscii(c));

    /// <summary>The marker is that of no process, so that only the group tells.</summary>
    [Theory]
    [MemberData(nameof(Shells.All), MemberType = typeof(Shells))]
    public async Task A_group_without_the_marker_is_alive_until_it_has_been_killed(string shell)
    {
        string script = await ReadAsync("common")
            + "kp_alive none. \"$1\" && echo alive\nkp_signal TERM none. \"$1\"\nkp_patience 3 none. \"$1\" && echo patient\nkp_kill none. \"$1\"\nkp_alive none. \"$1\" || echo gone\n";
        string tools = Shells.Link(_temp, shell);
        SessionStarter starter = SessionStarter.Default!;
        using Process agent = Process.Start(new ProcessStartInfo(starter.Program, [.. starter.Arguments, "/bin/sh", "-c", "trap 'echo terminated' TERM; echo ready; while :; do sleep 0.05; done"]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("ready", await agent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().InTime());
            var info = new ProcessStartInfo(Path.Combine(tools, "sh"), ["-c", script, "far", $"{agent.Id}"]) { RedirectStandardOutput = true };
            info.Environment.Clear();
            info.Environment["PATH"] = $"{tools}:/usr/bin:/bin";
            using Process far = Process.Start(info)!;

            Assert.Equal("alive\npatient\ngone\n", await far.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).InTime());
            Assert.Equal("terminated", await agent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().InTime());
            await agent.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();
        }
        finally
        {
            agent.Kill(entireProcessTree: true);
        }
    }

    /// <summary>As on macOS. A ps that shows all environments takes longer than a tenth of a second on a busy host.</summary>
    [Fact]
    public async Task Without_proc_a_grace_of_a_second_asks_ps_three_times()
    {
        string script = (await ReadAsync("common")).Replace("/proc/self/environ", "/no/such/file", StringComparison.Ordinal) + "kp_patience 10 some. && echo patient\n";
        string tools = Shells.Link(_temp, "sh");
        string calls = Path.Combine(_temp.FullName, "calls");
        _ = _temp.File("tools/ps", $"#!/bin/sh\necho >> '{calls}'\necho '17 agent KIROPOOL_AGENT=some.7'\n", isProgram: true);
        var info = new ProcessStartInfo(Path.Combine(tools, "sh"), ["-c", script]) { RedirectStandardOutput = true };
        info.Environment["PATH"] = $"{tools}:/usr/bin:/bin";
        using Process far = Process.Start(info)!;

        Assert.Equal("patient\n", await far.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).InTime());
        Assert.Equal(3, (await File.ReadAllLinesAsync(calls, TestContext.Current.CancellationToken)).Length);
    }

    [Theory]
    [MemberData(nameof(Shells.All), MemberType = typeof(Shells))]
    public async Task An_agent_that_ends_before_the_relay_has_begun_ends_the_script(string shell)
    {
        const string begin = "echo \"relay $$\" >&9";
        byte[] sent = FarScript.Stub("nonce", "none.1.", FarBench.Script("exit 3"), StopGraces.None, TimeSpan.FromSeconds(1));
        string script = Encoding.UTF8.GetString(sent);
        Assert.Contains(begin, script, StringComparison.Ordinal);
        string tools = Shells.Link(_temp, shell);
        var info = new ProcessStartInfo(Path.Combine(tools, "sh"), ["-c", script[(script.IndexOf('\n') + 1)..].Replace(begin, "sleep 0.5; " + begin, StringComparison.Ordinal)])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process stub = Process.Start(info)!;
        try
        {
            await stub.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();

            Assert.Equal(3, stub.ExitCode);
            Assert.EndsWith("nonce exit 3\nnonce gone\n", await stub.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).InTime(), StringComparison.Ordinal);
        }
        finally
        {
            stub.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => _temp.Dispose();

    private static async Task<string> ReadAsync(string name)
    {
        using var reader = new StreamReader(typeof(FarScript).Assembly.GetManifestResourceStream($"KiroPool.Engine.Processes.Far.{name}.sh")!);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
