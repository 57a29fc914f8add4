using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Processes.Far;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes.Far;

/// <summary>
/// A far host that is this machine, behind a prefix that needs nothing but /bin/sh: what ssh is for a real one. The test cuts
/// it by killing its prefixes.
/// </summary>
internal sealed class FarBench : IAsyncDisposable
{
    public static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(3);
    private static readonly StopGraces Graces = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    private readonly PoolLog _log = new();

    public FarBench(CommandPrefix? prefix = null, bool sharesConnection = false)
    {
        ShellAgent.Require();
        // Else the guardian would leave with another test's last question, and take the agents here for those of a dead process.
        ProcessGuardian.Shared.AddPool();
        Host = new AgentHost { Name = "far", Prefix = prefix ?? Plain, SharesConnection = sharesConnection };
        Link = new HostLink(Host, new LinkLimits(LostAfter, TimeSpan.FromSeconds(20)), TimeProvider.System, _log);
        Starter = new FarStarter(Host, Link, Graces, TimeSpan.FromSeconds(1));
        _log.Subscribe(e =>
        {
            lock (Log)
                Log.Add(e.ToString());
        });
    }

    /// <summary>A prefix that gets the command as words, as docker does.</summary>
    public static CommandPrefix Plain { get; } = new("/bin/sh", ["-c", "exec \"$@\"", "prefix"]);

    /// <summary>
    /// A prefix whose far side lives on when it is killed, as with ssh: then only its streams end. Stopped, it is a link that
    /// swallows everything. Its exit code is not that of the far side.
    /// </summary>
    public static CommandPrefix Away { get; } = new("/bin/sh", ["-c", "{ { cat | env -u KIROPOOL_AGENT setsid -w \"$@\" 2>&3 3>&- 4>&- | cat >&4 4>&- 3>&-; } 3>&1 | cat >&2 4>&-; } 4>&1", "prefix"]);

    public AgentHost Host { get; }

    public HostLink Link { get; }

    public FarStarter Starter { get; }

    public List<string> Log { get; } = [];

    /// <summary>A prefix that gets the command as one line for a login shell, as ssh does.</summary>
    public static CommandPrefix LoginShell(string program, params string[] arguments) => new(program, [.. arguments, "-c"], IsShell: true);

    public static AgentCommand Script(string script, params string[] arguments) => Command("/", new Dictionary<string, string?>(), "/bin/sh", ["-c", script, "script", .. arguments]);

    public static AgentCommand Command(string directory, IReadOnlyDictionary<string, string?> environment, string program, params string[] arguments) => new(program, arguments, directory, environment);

    public Task<AgentProcess> LaunchAsync(AgentCommand command) => Starter.LaunchAsync(command, CancellationToken.None).InTime();

    /// <summary>Launches a command that ends, and returns its output and exit code.</summary>
    public async Task<(string Output, int ExitCode)> RunAsync(AgentCommand command)
    {
        AgentProcess process = await LaunchAsync(command);
        await process.Input.DisposeAsync();
        using var reader = new StreamReader(process.Output, Encoding.UTF8);
        string output = await reader.ReadToEndAsync().InTime();
        int code = await process.Exited.InTime();
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
        return (output, code);
    }

    public async Task<AgentException> FailsAsync(AgentCommand command) =>
        await Assert.ThrowsAsync<AgentException>(() => LaunchAsync(command));

    public async ValueTask DisposeAsync()
    {
        await Link.CloseAsync().InTime();
        await ProcessGuardian.Shared.RemovePoolAsync();
    }
}
