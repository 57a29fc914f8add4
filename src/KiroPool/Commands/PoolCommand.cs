using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>A cmdlet that uses a pool.</summary>
public abstract class PoolCommand : KiroCommand
{
    private protected PoolCommand()
    {
    }

    /// <summary>The pool to use; the runspace's own when it is not given.</summary>
    [Parameter]
    [PoolTransformation]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PoolCompleter))]
    public PoolInfo? Pool { get; set; }

    private protected PoolInfo? PoolInUse => Pool ?? RunspacePool.Current;

    private protected PoolInfo RequirePool() => PoolInUse ?? throw Terminate(KiroErrors.Create(
        KiroErrors.PoolNotStarted,
        "There is no pool in this runspace. Start one with Start-KiroPool, or hand one over: $pool = Start-KiroPool; … | ForEach-Object -Parallel { … -Pool $using:pool }.",
        target: null));

    /// <summary>The pool in use; in the process's first runspace one with the default options is started if there is none.</summary>
    private protected PoolInfo RequirePoolOrStartDefault()
    {
        if (PoolInUse is not null || !RunspacePool.IsFirstRunspace)
            return RequirePool();
        WriteVerbose("There is no pool; one with the default options is started.");
        try
        {
            var pool = new PoolInfo(new AgentPool(new PoolOptions(), SpecReader.Read(SessionState)));
            RunspacePool.Own(pool);
            return pool;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>The agent to run on: the pool's, with what the parameters change.</summary>
    private protected AgentSpec SpecFor(PoolInfo pool, string? agent, string? model, string? workingDirectory)
    {
        try
        {
            return pool.Pool.DefaultSpec.With(agent, model, workingDirectory is null ? null : SessionState.ResolveDirectory(workingDirectory));
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
