using System.Management.Automation;
using KiroPool.Engine.Diagnostics;
using KiroPool.Pipeline;

namespace KiroPool.Commands;

/// <summary>What all cmdlets of the module share: ending with an error, waiting, and telling the pool's story.</summary>
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

    /// <summary>Ends the command with an error. It does not return; it is there to be thrown, so that the compiler sees that.</summary>
    private protected Exception Terminate(ErrorRecord error)
    {
        ThrowTerminatingError(error);
        return new InvalidOperationException("unreachable");
    }

    /// <summary>Begins something and waits for it on the pipeline thread, writing what the pool says meanwhile.</summary>
    private protected void WaitFor(Func<Task> begin, PoolLog log, CancellationToken cancellationToken)
    {
        using var pump = new PipelinePump(this, atATime: 1, ordered: false);
        using CancellationTokenRegistration stopped = cancellationToken.Register(pump.Cancel);
        using IDisposable? story = TellStory(log, pump);
        Task task = begin();
        pump.Run(_ => Task.WhenAny(task, Task.Delay(Timeout.Infinite, pump.Token)));
        pump.Complete();
        cancellationToken.ThrowIfCancellationRequested();
        task.GetAwaiter().GetResult();
    }

    /// <summary>Has the pool's events written to the verbose and debug streams, if anybody wants to see them.</summary>
    private protected IDisposable? TellStory(PoolLog log, PipelinePump pump)
    {
        bool verbose = WantsVerbose;
        bool debug = WantsDebug;
        if (!verbose && !debug)
            return null;
        return log.Subscribe(e =>
        {
            RecordKind kind = e.Level == PoolEventLevel.Debug ? RecordKind.Debug : RecordKind.Verbose;
            if (kind == RecordKind.Debug ? debug : verbose)
                pump.Post(kind, e.ToString());
        });
    }

    private bool IsWanted(string parameter, string preference) =>
        MyInvocation.BoundParameters.TryGetValue(parameter, out object? value)
            ? LanguagePrimitives.IsTrue(value)
            : SessionState.PSVariable.GetValue(preference) is { } set && !string.Equals(set.ToString(), "SilentlyContinue", StringComparison.OrdinalIgnoreCase);
}
