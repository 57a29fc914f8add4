using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>Starts the pool of warm agents of the runspace.</summary>
[Cmdlet(VerbsLifecycle.Start, "KiroPool", SupportsShouldProcess = true)]
[OutputType(typeof(PoolInfo))]
public sealed partial class StartKiroPoolCommand : KiroCommand
{
    private static readonly PoolOptions Defaults = new();

    /// <summary>The largest number of processes at any instant. Default 5.</summary>
    [Parameter]
    public int MaxSize { get; set; } = Defaults.MaxSize;

    /// <summary>The number of warm processes to keep. Default 1.</summary>
    [Parameter]
    public int MinSize { get; set; } = Defaults.MinSize;

    /// <summary>The largest number of processes that start at the same time. Default 2.</summary>
    [Parameter]
    public int MaxStarting { get; set; } = Defaults.MaxStarting;

    /// <summary>The number of prompts after which a process is replaced, ± 10 %; 0 for never. Default 100.</summary>
    [Parameter]
    public int MaxUses { get; set; } = Defaults.MaxUses;

    /// <summary>The idle time in seconds after which processes over MinSize are ended; 0 for never. Default 300.</summary>
    [Parameter]
    [SecondsTransformation]
    public double IdleTimeoutSec { get; set; } = Defaults.IdleTimeout.TotalSeconds;

    /// <summary>Age in seconds at which an idle process is replaced, ± 10 %; 0 for never. Default 21,600 (6 hours).</summary>
    [Parameter]
    [SecondsTransformation]
    public double MaxAgeSec { get; set; } = Defaults.MaxAge.TotalSeconds;

    /// <summary>Memory in MB (1,000,000 bytes) of an idle process and the processes it started, at which it is replaced; 0 for never. Default 0.</summary>
    [Parameter]
    public double MaxMemoryMB { get; set; }

    /// <summary>Seconds a process may take to start and answer. Default 30.</summary>
    [Parameter]
    [SecondsTransformation]
    public double StartTimeoutSec { get; set; } = Defaults.StartTimeout.TotalSeconds;

    /// <summary>The seconds it may take to make a session, including the start of its MCP servers. Default 90.</summary>
    [Parameter]
    [SecondsTransformation]
    public double SessionTimeoutSec { get; set; } = Defaults.SessionTimeout.TotalSeconds;

    /// <summary>The seconds a cancelled turn may take before its process is ended. Default 10.</summary>
    [Parameter]
    [SecondsTransformation]
    public double CancelGraceSec { get; set; } = Defaults.CancelGrace.TotalSeconds;

    /// <summary>Seconds a process gets to end by itself after its stdin was closed. Default 2.</summary>
    [Parameter]
    [SecondsTransformation]
    public double StopGraceSec { get; set; } = Defaults.StopGrace.TotalSeconds;

    /// <summary>Seconds a process gets after SIGTERM, before it is killed. Default 2.</summary>
    [Parameter]
    [SecondsTransformation]
    public double KillGraceSec { get; set; } = Defaults.KillGrace.TotalSeconds;

    /// <summary>The agent (mode) to use. Default: the program's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AgentCompleter))]
    public string? Agent { get; set; }

    /// <summary>The model to use. Default: the program's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>The directory in which agents work, wherever prompts are run. Default: each prompt works in the present location.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DirectoryCompleter))]
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

    /// <summary>The number of conversations that may share one process: 1 to 100. They stay separate. Default 1.</summary>
    [Parameter]
    public int SessionsPerProcess { get; set; } = Defaults.SessionsPerProcess;

    /// <summary>
    /// The most credits that all prompts of the pool may cost together. When the reported credits reach it, no further prompt
    /// is sent. Running prompts end normally.
    /// </summary>
    [Parameter]
    public decimal MaxCredits { get; set; }

    /// <summary>The same in money, in each currency that the agents report.</summary>
    [Parameter]
    public decimal MaxCost { get; set; }

    /// <summary>The same in tokens, of prompts and answers together.</summary>
    [Parameter]
    public long MaxTokens { get; set; }

    /// <summary>Lets agents use every tool they ask for. Without it, untrusted tools are rejected.</summary>
    [Parameter]
    public SwitchParameter TrustAllTools { get; set; }

    /// <summary>The tools agents may use: read, write, shell, @server/tool; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? TrustTools { get; set; }

    /// <summary>The protocol: Acp, Chat (one process per prompt) or Delimited (one process per conversation). Default: Acp.</summary>
    [Parameter]
    public AgentProtocol Protocol { get; set; }

    /// <summary>The engine of kiro-cli: V1, V2 or V3. Default: V2, where it can be chosen.</summary>
    [Parameter]
    public KiroEngine Engine { get; set; }

    /// <summary>Chat: each prompt continues the newest conversation of its directory; such prompts run one at a time.</summary>
    [Parameter]
    public SwitchParameter ResumeConversation { get; set; }

    /// <summary>Delimited: a process that answered a prompt also serves the next one, which may then see the earlier conversation. For agents that treat each message by itself.</summary>
    [Parameter]
    public SwitchParameter ReuseProcesses { get; set; }

    /// <summary>Delimited: the delimiter that ends a message. Default: a line ---END_OF_MESSAGE---.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string MessageDelimiter { get; set; } = TextSettings.DefaultMessageDelimiter;

    /// <summary>Delimited: the delimiter that ends a response. Default: a line ---END_OF_RESPONSE---.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ResponseDelimiter { get; set; } = TextSettings.DefaultResponseDelimiter;

    /// <summary>Skips the question whether kiro-cli is signed in.</summary>
    [Parameter]
    public SwitchParameter SkipSignInCheck { get; set; }

    /// <summary>Returns without waiting for the first agent and without the sign-in check. The first prompt reports failures.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Replaces a running pool.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private PoolOptions ReadOptions()
    {
        try
        {
            var options = new PoolOptions
            {
                MaxSize = MaxSize,
                // The default minimum shrinks with the pool. A given minimum must not change silently.
                MinSize = MyInvocation.BoundParameters.ContainsKey(nameof(MinSize)) ? MinSize : Math.Min(MinSize, Math.Max(MaxSize, 0)),
                MaxStarting = MaxStarting,
                Hosts = ReadHosts(),
                HostLostAfter = SecondsReader.Read(nameof(HostLostSec), HostLostSec, zeroIsNone: false),
                ConnectTimeout = ConnectTimeout,
                MaxUses = MaxUses,
                SessionsPerProcess = SessionsPerProcess,
                MaxCredits = Given(nameof(MaxCredits), MaxCredits),
                MaxCost = Given(nameof(MaxCost), MaxCost),
                MaxTokens = Given(nameof(MaxTokens), MaxTokens),
                IdleTimeout = SecondsReader.Read(nameof(IdleTimeoutSec), IdleTimeoutSec),
                MaxAge = SecondsReader.Read(nameof(MaxAgeSec), MaxAgeSec),
                StartTimeout = SecondsReader.Read(nameof(StartTimeoutSec), StartTimeoutSec, zeroIsNone: false),
                SessionTimeout = SecondsReader.Read(nameof(SessionTimeoutSec), SessionTimeoutSec, zeroIsNone: false),
                CancelGrace = SecondsReader.Read(nameof(CancelGraceSec), CancelGraceSec),
                StopGrace = SecondsReader.Read(nameof(StopGraceSec), StopGraceSec),
                KillGrace = SecondsReader.Read(nameof(KillGraceSec), KillGraceSec),
                // Less than a byte would become 0, which means no limit.
                MaxMemoryBytes = MaxMemoryMB is 0 or (>= 1e-6 and <= 1e9)
                    ? (long)(MaxMemoryMB * 1e6)
                    : throw new ArgumentOutOfRangeException(nameof(MaxMemoryMB), MaxMemoryMB, string.Create(CultureInfo.InvariantCulture, $"MaxMemoryMB must be 0 (no limit), or 0.000001 to 1,000,000,000, but is {MaxMemoryMB}.")),
            };
            options = options with { SweepInterval = SweepIntervalFor(options) };
            options.Validate();
            return options;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw Terminate(KiroErrors.Create(e, GetType()));
        }
        catch (KiroException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>A process outlives its idle time and its age by at most a quarter, or 30 s.</summary>
    private static TimeSpan SweepIntervalFor(PoolOptions options)
    {
        double shortest = new[] { options.IdleTimeout, options.MaxAge }.Where(limit => limit > TimeSpan.Zero).Select(limit => limit.TotalSeconds).DefaultIfEmpty(double.MaxValue).Min();
        return TimeSpan.FromSeconds(Math.Clamp(shortest / 4, 0.25, Defaults.SweepInterval.TotalSeconds));
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
            AgentSpec spec = WithSession(SpecReader.Read(SessionState, FilePath, ArgumentList, WorkingDirectory, Agent, Model, Environment, Protocol, engine, text, options.Hosts.HasFar));
            options.ThrowIfNotSupported(spec);
            return spec;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
