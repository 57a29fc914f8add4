using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Commands that an agent on the official SDK lets the host run.</summary>
public sealed class TerminalTests
{
    private static readonly PermissionPolicy Trusted = new() { TrustTools = ["shell"] };

    public TerminalTests() => ShellAgent.Require();

    [Fact]
    public async Task A_trusted_command_runs_and_its_output_and_exit_code_reach_the_agent()
    {
        await using var bench = new ConformanceBench(isInteractive: true);

        PromptResult result = await SayAsync(bench, new { command = "sh", args = new[] { "-c", "echo out; echo err >&2; echo $COLOUR; pwd; exit 3" }, env = new[] { new { name = "COLOUR", value = "blue; rm" } } }, Trusted);

        JsonElement said = JsonSerializer.Deserialize<JsonElement>(result.Text);
        Assert.Equal(3, said.GetProperty("exit").GetProperty("exitCode").GetInt32());
        string[] lines = said.GetProperty("output").GetProperty("output").GetString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["blue; rm", "err", "out"], lines.Where(line => line[0] != '/').Order(StringComparer.Ordinal));
        Assert.Contains(lines, line => line.EndsWith(bench.Spec.WorkingDirectory, StringComparison.Ordinal));
        Assert.False(said.GetProperty("output").GetProperty("truncated").GetBoolean());
        Assert.Equal(-32602, said.GetProperty("gone").GetInt32());
        Assert.Equal(("execute", "Allowed", "TrustTools"), Assert.Single(result.ToolCalls.Select(call => (call.Kind, call.Permission, call.DecidedBy))));
    }

    [Fact]
    public async Task A_command_that_is_not_approved_does_not_run()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        string file = Path.Combine(bench.Spec.WorkingDirectory, "made");

        PromptResult unasked = await SayAsync(bench, new { command = "touch", args = new[] { file } }, PermissionPolicy.None);
        PromptResult refused = await SayAsync(bench, new { command = "touch", args = new[] { file } }, new PermissionPolicy { Handler = (_, _) => Task.FromResult(PermissionDecision.Reject) });

        Assert.Contains("was not approved", unasked.Text, StringComparison.Ordinal);
        Assert.Contains("was not approved", refused.Text, StringComparison.Ordinal);
        Assert.Equal([("Rejected", "Nobody"), ("Rejected", "Handler")], unasked.ToolCalls.Concat(refused.ToolCalls).Select(call => (call.Permission, call.DecidedBy)));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task The_user_sees_what_would_run_and_an_always_lasts_for_the_session()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        var asked = new List<PermissionRequest>();
        var policy = new PermissionPolicy
        {
            Handler = (request, _) =>
            {
                asked.Add(request);
                return Task.FromResult(PermissionDecision.AllowAlways);
            },
        };
        Session session = bench.Pool.Sessions.Create("s");
        var command = new { command = "echo", args = new[] { "a b", "it's", "\u202egnp" }, cwd = Path.GetTempPath(), env = new[] { new { name = "LD_PRELOAD", value = "x" } } };
        foreach (object one in new object[] { command, new { command = "true" } })
            await session.PromptAsync(new PromptRequest { Prompt = $"run {JsonSerializer.Serialize(one)}", Permissions = policy }, TestContext.Current.CancellationToken).InTime();

        Assert.Equal(($"echo 'a b' 'it''s' '\\u202egnp' in {Path.GetTempPath()} with LD_PRELOAD set", "execute"), Assert.Single(asked.Select(request => (request.Title, request.Kind))));
        Assert.Contains("LD_PRELOAD", asked[0].Input, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_last_bytes_of_the_output_are_kept_from_a_whole_character_on()
    {
        await using var bench = new ConformanceBench(isInteractive: true);

        PromptResult result = await SayAsync(bench, new { command = "sh", args = new[] { "-c", "i=0; while [ $i -lt 2000 ]; do printf 'ä%04d' $i; i=$((i+1)); done" }, outputByteLimit = 11 }, Trusted);

        JsonElement output = JsonSerializer.Deserialize<JsonElement>(result.Text).GetProperty("output");
        Assert.Equal(("1998ä1999", true), (output.GetProperty("output").GetString(), output.GetProperty("truncated").GetBoolean()));
    }

    [Theory]
    [InlineData("""{"command":"no-such-program-here"}""", "was not found")]
    [InlineData("""{"command":"echo a; echo b"}""", "was not found")]
    [InlineData("""{"command":"true","cwd":"relative"}""", "not an absolute path")]
    [InlineData("""{"command":"true","cwd":"/no/such/folder"}""", "does not exist")]
    [InlineData("""{"command":""}""", "no command")]
    public async Task A_command_that_cannot_run_is_an_error_for_the_agent_and_the_turn_goes_on(string command, string message)
    {
        await using var bench = new ConformanceBench(isInteractive: true);

        PromptResult result = (await bench.Pool.PromptAsync(new PromptRequest { Prompt = $"run {command}", Permissions = Trusted }, TestContext.Current.CancellationToken).InTime());

        Assert.Contains(message, result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_command_names_its_signal_and_its_output_stays()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        Session session = bench.Pool.Sessions.Create("s");
        string marker = Path.Combine(bench.Spec.WorkingDirectory, "pid");
        string id = (await LeaveAsync(session, marker)).Text;
        int process = await PidAsync(marker);

        string killed = (await session.PromptAsync(new PromptRequest { Prompt = $"kill {id}" }, TestContext.Current.CancellationToken).InTime()).Text;

        Assert.Equal("""{"output":"begun\n","truncated":false,"exitStatus":{"signal":"SIGKILL"}}""", killed);
        await Eventually.HoldsAsync(() => !LiveProcesses.IsAlive(process), "the child is gone");
    }

    [Fact]
    public async Task The_children_of_a_command_end_with_it()
    {
        await using var bench = new ConformanceBench(isInteractive: true);

        PromptResult result = await SayAsync(bench, new { command = "/bin/sh", args = new[] { "-c", "setsid sleep 600 > /dev/null 2>&1 & sleep 600 & echo $!" } }, Trusted);

        int child = int.Parse(JsonSerializer.Deserialize<JsonElement>(result.Text).GetProperty("output").GetProperty("output").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.False(LiveProcesses.IsAlive(child));
    }

    [Theory]
    [InlineData("session")]
    [InlineData("pool")]
    [InlineData("agent")]
    public async Task A_command_that_still_runs_ends_with_its_session(string what)
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        Session session = bench.Pool.Sessions.Create("s");
        string marker = Path.Combine(bench.Spec.WorkingDirectory, "pid");
        PromptResult left = await LeaveAsync(session, marker);
        int process = await PidAsync(marker);
        Assert.True(LiveProcesses.IsAlive(process));

        if (what == "session")
            session.Dispose();
        else if (what == "agent")
            LiveProcesses.Kill(left.ProcessId!.Value);
        else
            await bench.Pool.DisposeAsync();

        await Eventually.HoldsAsync(() => !LiveProcesses.IsAlive(process), "the command is gone");
    }

    [Fact]
    public async Task A_pool_that_has_stopped_has_left_no_command_not_even_one_that_was_ending()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        Session session = bench.Pool.Sessions.Create("s");
        string marker = Path.Combine(bench.Spec.WorkingDirectory, "pid");
        await LeaveAsync(session, marker);
        int process = await PidAsync(marker);

        session.Dispose();
        await bench.Pool.DisposeAsync();

        Assert.False(LiveProcesses.IsAlive(process));
    }

    [Fact]
    public async Task A_session_reaches_no_command_of_another_session_and_ends_only_its_own()
    {
        await using var bench = new ConformanceBench(new PoolOptions { MinSize = 0, MaxSize = 1, SessionsPerProcess = 2 }, isInteractive: true);
        Session one = bench.Pool.Sessions.Create("one"), other = bench.Pool.Sessions.Create("other");
        PromptResult left = await LeaveAsync(one, Path.Combine(bench.Spec.WorkingDirectory, "pid"));

        PromptFailedException refused = await Assert.ThrowsAsync<PromptFailedException>(() => other.SayAsync($"kill {left.Text}"));
        Assert.Contains($"There is no terminal '{left.Text}' in that session.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(left.ProcessId, refused.Result.ProcessId);
        other.Dispose();

        Assert.Contains("SIGKILL", (await one.SayAsync($"kill {left.Text}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fifty_first_open_command_of_a_session_is_refused_and_does_not_stay()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        Session session = bench.Pool.Sessions.Create("s");
        for (int i = 0; i < 50; i++)
            await RunAsync("""leave {"command":"true"}""");

        PromptFailedException refused = await Assert.ThrowsAsync<PromptFailedException>(() => RunAsync("""leave {"command":"sleep","args":["600"]}"""));

        Assert.Contains("50 terminals are open in that session", refused.Message, StringComparison.Ordinal);

        // The pool waits for each command that is left.
        await bench.Pool.StopAsync(PoolStopMode.Drain).InTime();

        Task<PromptResult> RunAsync(string prompt) => session.PromptAsync(new PromptRequest { Prompt = prompt, Permissions = Trusted }, TestContext.Current.CancellationToken).InTime();
    }

    [Fact]
    public async Task A_command_that_is_approved_at_the_moment_of_a_cancel_does_not_run()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        string file = Path.Combine(bench.Spec.WorkingDirectory, "made");
        for (int i = 0; i < 20; i++)
        {
            using var cancel = new CancellationTokenSource();
            var request = new PromptRequest
            {
                Prompt = $"run {JsonSerializer.Serialize(new { command = "touch", args = new[] { file } })}",
                Permissions = new PermissionPolicy
                {
                    Handler = async (_, _) =>
                    {
                        await cancel.CancelAsync();
                        return PermissionDecision.Allow;
                    },
                },
            };
            await Assert.ThrowsAsync<PromptFailedException>(() => bench.Pool.PromptAsync(request, cancel.Token).InTime());
        }

        Assert.Equal("You said: next", (await bench.RunAsync("next")).Text);
        Assert.False(File.Exists(file));
    }

    /// <summary>Starts a command with a child in the background, which ignores SIGTERM and writes its id.</summary>
    private static Task<PromptResult> LeaveAsync(Session session, string marker)
    {
        string script = $"trap '' TERM; echo begun; (trap '' TERM; exec sleep 600) & echo $! > '{marker}.new' && mv '{marker}.new' '{marker}'; wait";
        return session.PromptAsync(new PromptRequest { Prompt = $"leave {JsonSerializer.Serialize(new { command = "/bin/sh", args = new[] { "-c", script } })}", Permissions = Trusted }, TestContext.Current.CancellationToken).InTime();
    }

    private static async Task<int> PidAsync(string marker)
    {
        await Eventually.HoldsAsync(() => File.Exists(marker), "the child runs");
        return int.Parse(await File.ReadAllTextAsync(marker), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task<PromptResult> SayAsync(ConformanceBench bench, object command, PermissionPolicy policy) =>
        bench.Pool.PromptAsync(new PromptRequest { Prompt = $"run {JsonSerializer.Serialize(command)}", Permissions = policy }, TestContext.Current.CancellationToken).InTime();
}
