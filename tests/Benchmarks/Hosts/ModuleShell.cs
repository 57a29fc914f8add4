using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Running;

namespace KiroPool.Benchmarks.Hosts;

/// <summary>A runspace of the embedded PowerShell engine, with or without the built module.</summary>
internal sealed class ModuleShell : IDisposable
{
    private readonly Runspace _runspace;
    private bool _hasPool;

    public ModuleShell(bool import = true)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
        if (import)
            Run("Import-Module $args[0]", Repository.Manifest);
    }

    /// <summary>Starts the runspace's pool and waits until all its agents are warm.</summary>
    public void StartPool(AgentProgram agent, int size)
    {
        _hasPool = true;
        Run("param($Agent, $Size) $null = Start-KiroPool @Agent -MinSize $Size -MaxSize $Size -MaxStarting $Size -MaxUses 0", agent.Parameters, size);
        while (((PoolStatistics)Run("Get-KiroPoolStats").Single().BaseObject).IdleCount < size)
            Thread.Sleep(20);
    }

    public PSDataCollection<PSObject> Run(string script, params object?[] arguments)
    {
        PSDataCollection<PSObject> output = [];
        Run(output, script, arguments);
        return output;
    }

    /// <summary>Runs a script and notes when each of its results came out, and how long it all took, in milliseconds.</summary>
    public (double[] Stamps, double Whole) Stamp(string script, params object?[] arguments)
    {
        List<double> stamps = [];
        PSDataCollection<PSObject> output = [];
        long began = 0;
        output.DataAdded += (_, _) => stamps.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        began = Stopwatch.GetTimestamp();
        Run(output, script, arguments);
        return ([.. stamps], Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>The median time between one result and the next, in milliseconds.</summary>
    /// <param name="script">Gets the prompts as its first argument.</param>
    /// <param name="prompt">The prompt of every item.</param>
    /// <param name="items">The number of measured items.</param>
    public double MedianItem(string script, string prompt, int items)
    {
        (double[] stamps, _) = Stamp(script, [Enumerable.Repeat(prompt, items + 1).ToArray()]);
        return Spread.MedianOf(stamps.Zip(stamps.Skip(1), (one, next) => next - one));
    }

    public void Dispose()
    {
        if (_hasPool)
            Run("Stop-KiroPool -Force -Confirm:$false");
        _runspace.Dispose();
    }

    private void Run(PSDataCollection<PSObject> output, string script, object?[] arguments)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript(script);
        foreach (object? argument in arguments)
            shell.AddArgument(argument);
        shell.Invoke(null, output);
        if (shell.HadErrors)
            throw new InvalidOperationException(string.Join(Environment.NewLine, shell.Streams.Error));
    }
}
