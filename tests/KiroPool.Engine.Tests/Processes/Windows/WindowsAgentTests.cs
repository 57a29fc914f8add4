using System.Runtime.InteropServices;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;
using KiroPool.Engine.Tests.Simulated;
using Microsoft.Win32.SafeHandles;

namespace KiroPool.Engine.Tests.Processes.Windows;

/// <summary>
/// Real processes on Windows. The agent is the simulator, whose log shows what has arrived. A process that another test
/// starts meanwhile would inherit the handles of these.
/// </summary>
[Collection(typeof(Alone))]
public sealed partial class WindowsAgentTests : IDisposable
{
    // The simulator takes no unknown arguments.
    private static readonly string[] Arguments = ["acp", .. ((string[])["", "a b", "a\" & echo x > made.txt", "%PATH%", "!x!", "^", "a&b|c", "<in >out", "(x)", @"C:\my dir\", "\\\"", "ü 日本 \U0001F600", "--flag=v", "*", "'q'"]).SelectMany(value => (string[])["--trust-tools", value])];

    private readonly TempFolder _temp = new();

    public WindowsAgentTests() => Assert.SkipUnless(OperatingSystem.IsWindows(), "Only Windows starts processes this way.");

    [Fact]
    public async Task Arguments_of_any_characters_arrive_as_they_are()
    {
        using var agent = new SimulatedAgent();

        Assert.Equal(string.Join(' ', Arguments), await StartedAsync(agent, agent.Spec.Executable, Arguments));
    }

    [Fact]
    public async Task Of_a_batch_file_of_npm_the_target_gets_the_arguments_as_they_are_without_a_shell()
    {
        using var agent = new SimulatedAgent();
        string shim = ProgramAlias.Create(_temp.Folder("50% & more"), "agent", agent.Spec.Executable);

        Assert.Equal(string.Join(' ', Arguments), await StartedAsync(agent, shim, Arguments));
        Assert.Empty(Directory.GetFiles(agent.Folder, "made.txt"));
    }

    [Fact]
    public async Task An_interpreter_of_such_a_file_is_found_beside_it_or_in_PATH()
    {
        using var agent = new SimulatedAgent();
        string folder = _temp.Folder("npm");
        string interpreter = Path.GetFileNameWithoutExtension(agent.Spec.Executable);
        string shim = Path.Combine(folder, "agent.cmd");
        string choice = $"IF EXIST \"%dp0%\\{interpreter}.exe\" (\r\n  SET \"_prog=%dp0%\\{interpreter}.exe\"\r\n) ELSE (\r\n  SET \"_prog={interpreter}\"\r\n  SET PATHEXT=%PATHEXT:;.JS;=;%\r\n)\r\n";
        File.WriteAllText(shim, ProgramAlias.NpmBatchFile("unused").Split("\"%dp0%")[0] + choice + "endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & \"%_prog%\" acp --agent \"%dp0%\\cli.js\" %*\r\n");

        AgentException missing = Assert.Throws<AgentException>(() => AgentLauncher.Start(Command(agent, shim, [], path: folder)));
        Assert.Equal((FailureKind.ExecutableNotFound, interpreter), (missing.Kind, missing.Value));

        AgentProcess process = AgentLauncher.Start(Command(agent, shim, ["--trust-tools=last"], path: Path.GetDirectoryName(agent.Spec.Executable)));
        await Eventually.HoldsAsync(() => agent.Count("start") == 1);
        Assert.Equal($"acp --agent {Path.Combine(folder, "cli.js")} --trust-tools=last", agent.Of("start")[0].Text);
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
    }

    [Fact]
    public async Task Any_other_batch_file_runs_in_cmd_and_refuses_what_cmd_would_read_as_a_command()
    {
        using var agent = new SimulatedAgent();
        string batch = _temp.File("own/agent.bat", $"@echo off\r\nset EXTRA=1\r\n\"{agent.Spec.Executable}\" %*\r\n");

        Assert.Equal(@"acp --agent a b --trust-tools=(y),z --model C:\my dir\", await StartedAsync(agent, batch, ["acp", "--agent", "a b", "--trust-tools=(y),z", "--model", @"C:\my dir\"]));
        AgentException failure = Assert.Throws<AgentException>(() => AgentLauncher.Start(Command(agent, batch, ["acp", "a\" & echo x > made.txt"])));
        Assert.Equal((FailureKind.ArgumentListInvalid, "a\" & echo x > made.txt"), (failure.Kind, failure.Value));
        Assert.Empty(Directory.GetFiles(agent.Folder, "made.txt"));
    }

    [Fact]
    public async Task An_agent_gets_its_variables_and_its_directory_and_gives_its_exit_code()
    {
        AgentProcess process = AgentLauncher.Start(new AgentCommand(
            Cmd, ["/d", "/c", "echo %KIROPOOL_TEST%& cd& exit 42"], _temp.FullName, new Dictionary<string, string?> { ["kiropool_test"] = "a b" }));
        using var output = new StreamReader(process.Output);

        Assert.Equal($"a b\r\n{_temp.FullName}\r\n", await output.ReadToEndAsync().InTime());
        Assert.Equal(42, await process.Exited.InTime());
        Assert.True(process.HasEnded);
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
    }

    /// <summary>A child that the agent starts with its first instruction could once escape.</summary>
    [Fact]
    public async Task Every_process_that_an_agent_starts_is_in_its_job()
    {
        using var agent = new SimulatedAgent(new { wrapper = true, ignoreEof = true, grandchild = "setsid" });
        for (int i = 1; i <= 5; i++)
        {
            AgentProcess process = AgentLauncher.Start(Command(agent, agent.Spec.Executable, ["acp"]));
            await Eventually.HoldsAsync(() => agent.Count("grandchild") == i);
            Assert.Equal(3, agent.Processes.Count);

            await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
            Assert.Empty(agent.Processes);
        }
    }

    [Fact]
    public async Task An_agent_inherits_no_handle_of_the_host_except_its_pipes()
    {
        using var agent = new SimulatedAgent(new { ignoreEof = true });
        string path = _temp.File("held.txt");
        AgentProcess process;
        using (SafeFileHandle held = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.NotEqual(0, SetHandleInformation(held, 1, 1));
            process = AgentLauncher.Start(Command(agent, agent.Spec.Executable, ["acp"]));
            await Eventually.HoldsAsync(() => agent.Count("start") == 1);
        }

        // With the handle in the agent, the file would still be in use.
        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
    }

    [Fact]
    public async Task Sixteen_waiting_agents_hold_no_thread_of_the_thread_pool()
    {
        using var agent = new SimulatedAgent();
        AgentProcess[] agents = [.. Enumerable.Range(0, 16).Select(_ => AgentLauncher.Start(Command(agent, agent.Spec.Executable, ["acp"])))];
        Task<int>[] reads = [.. agents.Select(one => one.Output.ReadAsync(new byte[10]).AsTask())];
        await Eventually.HoldsAsync(() => agent.Count("start") == 16);
        ThreadPool.GetAvailableThreads(out int free, out _);
        ThreadPool.GetMaxThreads(out int all, out _);

        // Sixteen agents with two blocking reads each held 32.
        Assert.InRange(all - free, 0, 31);
        Assert.All(reads, read => Assert.False(read.IsCompleted));
        await Task.WhenAll(agents.Select(one => one.StopAsync(StopGraces.None, TimeProvider.System))).InTime();
    }

    [Fact]
    public async Task A_directory_that_is_too_long_for_Windows_is_told()
    {
        Assert.SkipWhen(Wine.IsHere, "Wine's CreateProcess overwrites the heap of the caller with a directory of more than 260 characters.");
        using var agent = new SimulatedAgent();
        string directory = Path.Combine(_temp.FullName, new string('d', 120), new string('e', 140));
        Directory.CreateDirectory(directory);
        AgentProcess process;
        try
        {
            process = AgentLauncher.Start(Command(agent, agent.Spec.Executable, ["acp"]) with { WorkingDirectory = directory });
        }
        catch (AgentException e)
        {
            Assert.Equal((FailureKind.WorkingDirectoryNotAccessible, directory), (e.Kind, e.Value));
            Assert.Contains($"has {directory.Length} characters", e.Message, StringComparison.Ordinal);
            return;
        }

        // A Windows with long paths takes it.
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
    }

    public void Dispose() => _temp.Dispose();

    private static string Cmd => Path.Combine(Environment.SystemDirectory, "cmd.exe");

    private static async Task<string> StartedAsync(SimulatedAgent agent, string program, string[] arguments)
    {
        int before = agent.Count("start");
        AgentProcess process = AgentLauncher.Start(Command(agent, program, arguments));
        await Eventually.HoldsAsync(() => agent.Count("start") > before);
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
        return agent.Of("start")[^1].Text!;
    }

    private static AgentCommand Command(SimulatedAgent agent, string program, string[] arguments, string? path = null) =>
        new(program, arguments, agent.Folder, path is null ? agent.Spec.Environment : agent.Spec.Environment.Add("PATH", path));

    [LibraryImport("kernel32")]
    private static partial int SetHandleInformation(SafeFileHandle handle, uint mask, uint flags);
}
