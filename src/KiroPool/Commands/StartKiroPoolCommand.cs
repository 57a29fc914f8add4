using System.Collections;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>Starts the runspace's pool of warm agents.</summary>
[Cmdlet(VerbsLifecycle.Start, "KiroPool", SupportsShouldProcess = true)]
[OutputType(typeof(PoolInfo))]
public sealed class StartKiroPoolCommand : KiroCommand
{
    private static readonly PoolOptions Defaults = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The most processes at any instant. Default 5.</summary>
    [Parameter]
    public int MaxSize { get; set; } = Defaults.MaxSize;

    /// <summary>The warm processes to keep. Default 1.</summary>
    [Parameter]
    public int MinSize { get; set; } = Defaults.MinSize;

    /// <summary>The most processes that start at the same time. Default 2.</summary>
    [Parameter]
    public int MaxStarting { get; set; } = Defaults.MaxStarting;

    /// <summary>Prompts after which a process is replaced, ± 10 %; 0 for never. Default 100.</summary>
    [Parameter]
    public int MaxUses { get; set; } = Defaults.MaxUses;

    /// <summary>Seconds of idleness after which processes over MinSize are ended; 0 for never. Default 300.</summary>
    [Parameter]
    public double IdleTimeoutSec { get; set; } = Defaults.IdleTimeout.TotalSeconds;

    /// <summary>Age in seconds at which an idle process is replaced, ± 10 %; 0 for never. Default 21,600 (6 hours).</summary>
    [Parameter]
    public double MaxAgeSec { get; set; } = Defaults.MaxAge.TotalSeconds;

    /// <summary>Memory of a process and all it started, in MB (1,000,000 bytes), at which it is replaced once it is idle; 0 for never. Default 0.</summary>
    [Parameter]
    public double MaxMemoryMB { get; set; }

    /// <summary>Seconds a process may take to start and answer. Default 30.</summary>
    [Parameter]
    public double StartTimeoutSec { get; set; } = Defaults.StartTimeout.TotalSeconds;

    /// <summary>Seconds it may take to make a session, which waits for the agent's MCP servers. Default 90.</summary>
    [Parameter]
    public double SessionTimeoutSec { get; set; } = Defaults.SessionTimeout.TotalSeconds;

    /// <summary>Seconds a cancelled turn may take to end before its process is ended. Default 10.</summary>
    [Parameter]
    public double CancelGraceSec { get; set; } = Defaults.CancelGrace.TotalSeconds;

    /// <summary>Seconds a process gets to end by itself after its stdin was closed. Default 2.</summary>
    [Parameter]
    public double StopGraceSec { get; set; } = Defaults.StopGrace.TotalSeconds;

    /// <summary>Seconds a process gets after SIGTERM, before it is killed. Default 2.</summary>
    [Parameter]
    public double KillGraceSec { get; set; } = Defaults.KillGrace.TotalSeconds;

    /// <summary>The agent (mode) to use; kiro-cli's own default when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AgentCompleter))]
    public string? Agent { get; set; }

    /// <summary>The model to use; kiro-cli's own default when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>The directory agents work in. Default: the present location.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables for the agents, in addition to the host's; $null as a value removes one.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Environment { get; set; }

    /// <summary>The agent's program: a path, or a name on PATH. Default: kiro-cli.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>The program's arguments, passed as they are. Default: acp for kiro-cli, none for other programs.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ValidateNotNull]
    public string[]? ArgumentList { get; set; }

    /// <summary>The conversations that may share one process, strictly apart: 1 to 100. Default 1.</summary>
    [Parameter]
    public int SessionsPerProcess { get; set; } = Defaults.SessionsPerProcess;

    /// <summary>Lets agents use every tool they ask for. Without it, what nobody allows is rejected.</summary>
    [Parameter]
    public SwitchParameter TrustAllTools { get; set; }

    /// <summary>The tools agents may use: read, write, shell, @server/tool; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? TrustTools { get; set; }

    /// <summary>How agents are talked to: Acp, Chat (a process per prompt) or Delimited (a process per conversation). Default: Acp.</summary>
    [Parameter]
    public AgentProtocol Protocol { get; set; }

    /// <summary>The engine of kiro-cli: V1, V2 or V3. Default: V2, where it can be chosen.</summary>
    [Parameter]
    public KiroEngine Engine { get; set; }

    /// <summary>Chat: each prompt continues the newest conversation of its directory; such prompts run one at a time.</summary>
    [Parameter]
    public SwitchParameter ResumeConversation { get; set; }

    /// <summary>Delimited: a process that answered a prompt is lent to the next one, which may then see what was said. For agents that treat each message by itself.</summary>
    [Parameter]
    public SwitchParameter ReuseProcesses { get; set; }

    /// <summary>Delimited: what ends a message. Default: a line ---END_OF_MESSAGE---.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string MessageDelimiter { get; set; } = TextSettings.DefaultMessageDelimiter;

    /// <summary>Delimited: what ends a response. Default: a line ---END_OF_RESPONSE---.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ResponseDelimiter { get; set; } = TextSettings.DefaultResponseDelimiter;

    /// <summary>Does not ask kiro-cli first whether it is signed in.</summary>
    [Parameter]
    public SwitchParameter SkipSignInCheck { get; set; }

    /// <summary>Does not wait until the first agent is warm, and does not ask whether it is signed in: the first prompt tells.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Replaces a pool that runs with other options.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        PoolOptions options = ReadOptions();
        PermissionPolicy permissions = PermissionReader.Read(PermissionPolicy.None, TrustAllTools, TrustTools);
        AgentSpec spec = ReadSpec(permissions, options);
        if (RunspacePool.Current is { } present)
        {
            if (!Force && present.Pool.Options == options && present.Pool.DefaultSpec.Equals(spec) && PermissionReader.AreEqual(present.Pool.Permissions, permissions) && !present.Pool.IsStopped)
            {
                WriteVerbose("The pool of this runspace runs with these options already.");
                WriteObject(present);
                return;
            }

            ThrowIfInTheWay(present);
            if (!ShouldProcess(present.ToString(), "Replace the pool"))
                return;
            Replace(present);
        }
        else if (!ShouldProcess(spec.ToString(), "Start a pool"))
        {
            return;
        }

        var pool = new PoolInfo(new AgentPool(options, spec) { Permissions = permissions });
        CheckSignIn(pool);
        RunspacePool.Own(pool);
        Warm(pool);
        WriteObject(pool);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    private void ThrowIfInTheWay(PoolInfo present)
    {
        if (!Force && !present.Pool.IsStopped)
        {
            throw Terminate(KiroErrors.Create(
                KiroErrors.PoolAlreadyStarted,
                $"This runspace has a pool already, with other options ({present}). Stop it with Stop-KiroPool, or replace it with -Force.",
                present));
        }
    }

    private void Replace(PoolInfo present)
    {
        // A pool that drains already goes on draining: its prompts were promised an end.
        WaitFor(() => Force ? present.Pool.StopAsync(PoolStopMode.Cancel) : present.Pool.WhenStopped, present.Pool.Log, _stopping.Token);
        RunspacePool.Disown(present);
    }

    /// <summary>Without an account every prompt would fail, or wait for a login in a browser.</summary>
    private void CheckSignIn(PoolInfo pool)
    {
        if (SkipSignInCheck || NoWait)
            return;
        try
        {
            WaitFor(() => KiroSignIn.RequireAsync(pool.Pool.DefaultSpec, pool.Pool.Options.StartTimeout, null, _stopping.Token), pool.Pool.Log, _stopping.Token);
        }
        catch (Exception e)
        {
            pool.Pool.StopAsync(PoolStopMode.Cancel).Wait(TimeSpan.FromSeconds(1), CancellationToken.None);
            throw e is AgentException failure ? Terminate(KiroErrors.Create(failure)) : e;
        }
    }

    private void Warm(PoolInfo pool)
    {
        if (NoWait)
        {
            // Whoever needs an agent is told what is wrong with it.
            _ = pool.Pool.WarmAsync(CancellationToken.None).ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
            return;
        }

        try
        {
            WaitFor(() => pool.Pool.WarmAsync(_stopping.Token), pool.Pool.Log, _stopping.Token);
        }
        catch (Exception e) when (e is AgentException or OperationCanceledException or PipelineStoppedException)
        {
            // Nothing half-started stays behind.
            RunspacePool.Disown(pool);
            pool.Pool.StopAsync(PoolStopMode.Cancel).Wait(TimeSpan.FromSeconds(e is AgentException ? 10 : 1), CancellationToken.None);
            throw e is AgentException failure ? Terminate(KiroErrors.Create(failure)) : e;
        }
    }

    private PoolOptions ReadOptions()
    {
        try
        {
            var options = new PoolOptions
            {
                MaxSize = MaxSize,
                // The default must fit a smaller pool; a minimum somebody asked for must not be changed silently.
                MinSize = MyInvocation.BoundParameters.ContainsKey(nameof(MinSize)) ? MinSize : Math.Min(MinSize, Math.Max(MaxSize, 0)),
                MaxStarting = MaxStarting,
                MaxUses = MaxUses,
                SessionsPerProcess = SessionsPerProcess,
                IdleTimeout = SecondsReader.Read(nameof(IdleTimeoutSec), IdleTimeoutSec),
                MaxAge = SecondsReader.Read(nameof(MaxAgeSec), MaxAgeSec),
                StartTimeout = SecondsReader.Read(nameof(StartTimeoutSec), StartTimeoutSec, zeroIsNone: false),
                SessionTimeout = SecondsReader.Read(nameof(SessionTimeoutSec), SessionTimeoutSec, zeroIsNone: false),
                CancelGrace = SecondsReader.Read(nameof(CancelGraceSec), CancelGraceSec),
                StopGrace = SecondsReader.Read(nameof(StopGraceSec), StopGraceSec),
                KillGrace = SecondsReader.Read(nameof(KillGraceSec), KillGraceSec),
                MaxMemoryBytes = MaxMemoryMB is >= 0 and <= 1e9
                    ? (long)(MaxMemoryMB * 1e6)
                    : throw new ArgumentOutOfRangeException(nameof(MaxMemoryMB), MaxMemoryMB, $"MaxMemoryMB must be 0 (no limit) to 1,000,000,000, but is {MaxMemoryMB}."),
            };
            options.Validate();
            return options;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    private AgentSpec ReadSpec(PermissionPolicy permissions, PoolOptions options)
    {
        try
        {
            KiroEngine? engine = MyInvocation.BoundParameters.ContainsKey(nameof(Engine)) ? Engine : null;
            var text = new TextSettings
            {
                TrustAllTools = TrustAllTools,
                TrustTools = [.. permissions.TrustTools],
                ResumeConversation = ResumeConversation,
                ReuseProcesses = ReuseProcesses,
                MessageDelimiter = MessageDelimiter,
                ResponseDelimiter = ResponseDelimiter,
            };
            AgentSpec spec = SpecReader.Read(SessionState, FilePath, ArgumentList, WorkingDirectory, Agent, Model, Environment, Protocol, engine, text);
            options.ThrowIfNotSupported(spec);
            return spec;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
