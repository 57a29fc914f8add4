using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace KiroPool.Tests.Harness;

/// <summary>A runspace of the real PowerShell engine, with the built module and the modules that come with PowerShell.</summary>
internal sealed class ModuleRunspace : IDisposable
{
    /// <param name="agent">Becomes <c>$Agent</c>, for splatting to Start-KiroPool.</param>
    /// <param name="host">Records what is rendered and answers what is asked; without it the engine's own, which can do neither.</param>
    /// <param name="import">Whether the module is imported.</param>
    public ModuleRunspace(SimulatedAgent? agent = null, PSHost? host = null, bool import = true)
    {
        var state = InitialSessionState.CreateDefault2();

        // A Windows client runs no scripts and imports no module by default.
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        Runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        Runspace.Open();
        Set("Manifest", Repository.Manifest);
        Set("Agent", agent?.Parameters);
        if (import)
            Run("Import-Module $Manifest").WithoutError();
    }

    public Runspace Runspace { get; }

    /// <summary>Sets a variable of the runspace.</summary>
    public ModuleRunspace Set(string name, object? value)
    {
        Runspace.SessionStateProxy.SetVariable(name, value);
        return this;
    }

    /// <summary>Runs a script to its end.</summary>
    public Ran Run(string script)
    {
        using RunningScript running = Begin(script);
        return running.End();
    }

    /// <summary>Runs a script with objects from the pipeline, one element each.</summary>
    public Ran Pipe(object?[] input, string script) => Set("Piped", input).Run($"$Piped | {script}");

    /// <summary>
    /// Starts a pool of a number of agents and waits until all are warm, so that no prompt waits for a start. The pool does
    /// not recycle by uses.
    /// </summary>
    public PoolInfo StartWarm(int size)
    {
        PoolInfo pool = Run($"Start-KiroPool @Agent -MinSize {size} -MaxSize {size} -MaxStarting {size} -MaxUses 0").WithoutError().Value<PoolInfo>();
        Eventually.Holds(() => Statistics().IdleCount == size);
        return pool;
    }

    /// <summary>The statistics of the runspace's pool.</summary>
    public PoolStatistics Statistics() => Run("Get-KiroPoolStats").WithoutError().Value<PoolStatistics>();

    /// <summary>Starts a script.</summary>
    public RunningScript Begin(string script) => new(Runspace, script);

    public void Dispose() => Runspace.Dispose();
}

/// <summary>A running script.</summary>
internal sealed class RunningScript : IDisposable
{
    private readonly PowerShell _shell = PowerShell.Create();
    private readonly PSDataCollection<PSObject?> _output = [];
    private readonly IAsyncResult _running;

    public RunningScript(Runspace runspace, string script)
    {
        _shell.Runspace = runspace;
        _shell.AddScript(script);
        _running = _shell.BeginInvoke<PSObject, PSObject?>(null, _output);
    }

    public PSInvocationState State => _shell.InvocationStateInfo.State;

    /// <summary>The output so far.</summary>
    public Ran SoFar => new(_output.ToArray(), _shell.Streams, null);

    /// <summary>Waits for the end.</summary>
    public Ran End()
    {
        if (!_running.AsyncWaitHandle.WaitOne(Eventually.Limit + Eventually.Limit))
        {
            _shell.BeginStop(null, null);
            Assert.Fail("The script does not end.");
        }

        RuntimeException? end = null;
        try
        {
            _shell.EndInvoke(_running);
        }
        catch (RuntimeException e)
        {
            end = e;
        }

        return new Ran(_output, _shell.Streams, end);
    }

    /// <summary>Stops the script as Ctrl+C does, and waits for its end.</summary>
    public Ran Stop()
    {
        _shell.Stop();
        return new Ran(_output, _shell.Streams, null);
    }

    public void Dispose() => _shell.Dispose();
}
