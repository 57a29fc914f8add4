using System.Management.Automation;
using KiroPool.Engine.Diagnostics;
using KiroPool.Errors;
using KiroPool.Pipeline;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>The common base of all cmdlets: terminating errors, waiting, and the log of the pool.</summary>
public abstract class KiroCommand : PSCmdlet
{
    private protected KiroCommand()
    {
    }

    private protected bool WantsVerbose => IsWanted("Verbose", "VerbosePreference");

    /// <summary>Whether -WhatIf or its preference says that nothing is to be done.</summary>
    private protected bool IsWhatIf =>
        LanguagePrimitives.IsTrue(MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? value) ? value : SessionState.PSVariable.GetValue("WhatIfPreference"));

    private protected bool WantsDebug => IsWanted("Debug", "DebugPreference");

    /// <summary>The value of a parameter; null when it was not given.</summary>
    private protected T? Given<T>(string parameter, T value)
        where T : struct => MyInvocation.BoundParameters.ContainsKey(parameter) ? value : null;

    /// <summary>Ends the command with an error. It never returns; callers throw its result so that the compiler knows.</summary>
    private protected Exception Terminate(ErrorRecord error)
    {
        ThrowTerminatingError(error);
        return new InvalidOperationException("unreachable");
    }

    /// <summary>The given pool, else that of the runspace.</summary>
    private protected PoolInfo RequirePool(PoolInfo? given) => given ?? RunspacePool.Current ?? throw Terminate(KiroErrors.Create(KiroException.PoolNotStarted()));

    /// <summary>Starts work and waits for it on the pipeline thread, writing the pool's log meanwhile.</summary>
    /// <param name="begin">Starts it.</param>
    /// <param name="log">The pool's log.</param>
    /// <param name="readStatus">What the progress bar says about a longer wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="onTick">Called repeatedly during the wait.</param>
    private protected void WaitFor(Func<Task> begin, PoolLog log, Func<string> readStatus, CancellationToken cancellationToken, Action? onTick = null)
    {
        var progress = new WaitProgress(this, MyInvocation.MyCommand.Name, readStatus);
        using var pump = new PipelinePump(this, atATime: 1, ordered: false, new PumpHooks { OnTick = onTick is null ? progress.Show : progress.Show + onTick, OnBroken = progress.End });
        using CancellationTokenRegistration stopped = cancellationToken.Register(pump.Cancel);
        using IDisposable story = TellStory(log, pump);
        Task task = begin();
        pump.Run(_ => Task.WhenAny(task, Task.Delay(Timeout.Infinite, pump.Token)));
        pump.Complete();
        progress.End();
        cancellationToken.ThrowIfCancellationRequested();
        task.GetAwaiter().GetResult();
    }

    /// <summary>Writes the warnings of the pool, and its other events if the verbose or debug stream is enabled.</summary>
    private protected IDisposable TellStory(PoolLog log, PipelinePump pump)
    {
        bool verbose = WantsVerbose;
        bool debug = WantsDebug;
        return log.Subscribe(
            e =>
            {
                RecordKind kind = e.Level switch
                {
                    PoolEventLevel.Warning => RecordKind.Warning,
                    PoolEventLevel.Verbose => RecordKind.Verbose,
                    _ => RecordKind.Debug,
                };
                if (kind == RecordKind.Warning || (kind == RecordKind.Debug ? debug : verbose))
                    pump.Post(kind, e.ToString());
            },
            debug ? PoolEventLevel.Debug : verbose ? PoolEventLevel.Verbose : PoolEventLevel.Warning);
    }

    private bool IsWanted(string parameter, string preference) =>
        MyInvocation.BoundParameters.TryGetValue(parameter, out object? value)
            ? LanguagePrimitives.IsTrue(value)
            : SessionState.PSVariable.GetValue(preference) is { } set && !string.Equals(set.ToString(), "SilentlyContinue", StringComparison.OrdinalIgnoreCase);
}
