using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.State;

namespace KiroPool.Commands;

/// <content>What a start does, with or without a running pool.</content>
public sealed partial class StartKiroPoolCommand
{
    private static readonly HashSet<string> NoOptions = new(CommonParameters.Concat(OptionalCommonParameters), StringComparer.OrdinalIgnoreCase)
    {
        nameof(NoWait), nameof(SkipSignInCheck), nameof(Force), "WhatIf", "Confirm",
    };

    private readonly CancellationTokenSource _stopping = new();

    /// <inheritdoc/>
    /// <remarks>Not in EndProcessing, which also runs after input that does not bind.</remarks>
    protected override void ProcessRecord()
    {
        if (!IsWhatIf)
            RunspacePool.ForgetIfFailed();
        PoolInfo? present = RunspacePool.Current is { IsFailedStart: false } current ? current : null;
        if (present is { Pool.IsStopped: false } && !Force && MyInvocation.BoundParameters.Keys.All(NoOptions.Contains))
        {
            WriteRunning(present);
            return;
        }

        PoolOptions options = ReadOptions();
        PathMap paths = ReadPathMap();
        PermissionPolicy permissions = PermissionReader.Read(PermissionPolicy.None, TrustAllTools, TrustTools);
        AgentSpec spec = ReadSpec(permissions, options);
        if (present is not null)
        {
            if (!Force && !present.Pool.IsStopped)
            {
                IReadOnlyList<string> differences = PoolDifference.Between(present, options, spec, permissions, WorkingDirectory is not null, paths);
                if (differences.Count == 0)
                {
                    WriteRunning(present);
                    return;
                }

                ThrowIfInTheWay(present, differences);
            }

            if (!ShouldProcess(present.ToString(), "Replace the pool"))
                return;
            Replace(present);
        }
        else if (!ShouldProcess(spec.ToString(), "Start a pool"))
        {
            return;
        }

        // Before there is a pool: -WarningAction Stop ends the command here.
        WarnOfPlainSsh();
        var pool = new PoolInfo(new AgentPool(options, spec) { Permissions = permissions }, followsLocation: WorkingDirectory is null && !options.Hosts.HasFar) { PathMap = paths };
        CheckSignIn(pool);
        RunspacePool.Own(pool);
        Warm(pool);
        WriteObject(pool);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>Writes the running pool. If it has no warm agent, for example because its start failed, it is tried again first.</summary>
    private void WriteRunning(PoolInfo present)
    {
        if (!IsWhatIf && !NoWait && !present.HasWarmAgent)
        {
            CheckSignIn(present);
            Warm(present);
        }

        if (!IsWhatIf)
            present.IsAutomatic = false;
        WriteVerbose("This runspace has a pool already, and it has the requested options.");
        WriteObject(present);
    }

    /// <summary>A pool that only a prompt started gives way, unless something still needs it.</summary>
    private void ThrowIfInTheWay(PoolInfo present, IReadOnlyList<string> differences)
    {
        if (present is { IsAutomatic: true, IsInUse: false })
            return;
        throw Terminate(KiroErrors.Create(KiroException.PoolAlreadyStarted(present, differences)));
    }

    private void Replace(PoolInfo present)
    {
        // A draining pool continues to drain, because its prompts must end.
        WaitFor(
            () => present.Pool.IsStopped && !Force ? present.Pool.WhenStopped : present.Pool.StopAsync(Force ? PoolStopMode.Cancel : PoolStopMode.Drain),
            present.Pool.Log,
            () => PoolWords.ForStop(present.Pool.ReadActivity()),
            _stopping.Token);
        RunspacePool.Disown(present);
    }

    /// <summary>Without an account every prompt would fail, or wait for a login in a browser.</summary>
    private void CheckSignIn(PoolInfo pool)
    {
        // On other hosts it is asked with the first chat there, and an ACP agent reports it.
        if (SkipSignInCheck || NoWait || pool.Options.Hosts.HasFar)
            return;
        try
        {
            WaitFor(
                () => KiroSignIn.RequireAsync(pool.Pool.DefaultSpec, pool.Pool.Options.StartTimeout, null, _stopping.Token),
                pool.Pool.Log,
                () => "checking the sign-in",
                _stopping.Token);
        }
        catch (Exception e)
        {
            Abandon(pool, TimeSpan.FromSeconds(1));
            throw e is AgentException failure ? Terminate(KiroErrors.Create(failure)) : e;
        }
    }

    private void Warm(PoolInfo pool)
    {
        if (NoWait)
        {
            // The first prompt reports the failure.
            _ = pool.Pool.WarmAsync(CancellationToken.None).ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
            return;
        }

        try
        {
            WaitFor(() => pool.Pool.WarmAsync(_stopping.Token), pool.Pool.Log, () => PoolWords.ForAgent(pool.Pool.ReadActivity()), _stopping.Token);
        }
        catch (Exception e) when (e is AgentException or OperationCanceledException or PipelineStoppedException)
        {
            Abandon(pool, TimeSpan.FromSeconds(e is AgentException ? 10 : 1));
            throw e is AgentException failure ? Terminate(KiroErrors.Create(failure)) : e;
        }
    }

    /// <summary>A failed start leaves no process. A pool with conversations stays, because they may still be resumed.</summary>
    private static void Abandon(PoolInfo pool, TimeSpan limit)
    {
        if (pool.Pool.Sessions.All.Count > 0)
            return;
        RunspacePool.Disown(pool);
        pool.Pool.StopAsync(PoolStopMode.Cancel).Wait(limit, CancellationToken.None);
    }
}
