using System.Globalization;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Binding.Objects;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.Journal;
using KiroPool.Pipeline;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>Runs prompts on the agents of the pool, several at a time, and writes each result as it completes.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "KiroPrompt", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = InputSet)]
[OutputType(typeof(PromptResult), typeof(PromptUpdate), typeof(PSObject))]
public sealed partial class InvokeKiroPromptCommand : AgentCommand, IDisposable
{
    private const string InputSet = "Input";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private AgentSpec? _spec;
    private PoolInfo? _pool;
    private volatile IPromptBatch? _batch;
    private volatile bool _isStopped;
    private IDisposable? _story;
    private InvocationTrace? _trace;
    private int _nextIndex;
    private TimeSpan _timeout;
    private TimeSpan _inactivityTimeout;

    /// <summary>The largest number of prompts at a time. Default: the pool's MaxSize.</summary>
    [Parameter]
    public int ThrottleLimit { get; set; }

    /// <summary>Writes results in input order instead of completion order.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>Writes the agent's updates as objects before each result.</summary>
    [Parameter]
    public SwitchParameter Stream { get; set; }

    /// <summary>Runs a prompt that begins with a slash as a command of the agent. Without it such a prompt is ordinary text.</summary>
    [Parameter]
    public SwitchParameter SlashCommand { get; set; }

    /// <summary>The number of failures that ends the batch; 0 for never. Default 0.</summary>
    [Parameter]
    public int MaxFailures { get; set; }

    /// <summary>The seconds each prompt may take from being queued, including the start of an agent; 0 for no limit. Default 0.</summary>
    [Parameter]
    [SecondsTransformation]
    [Alias("TimeoutSeconds")]
    public double TimeoutSec { get; set; }

    /// <summary>The seconds an agent may be silent during a turn; 0 for no limit. Default 600.</summary>
    [Parameter]
    [SecondsTransformation]
    public double InactivityTimeoutSec { get; set; } = new PoolOptions().InactivityTimeout.TotalSeconds;

    /// <summary>
    /// How often a failed prompt is repeated, if the agent had sent no text and used no tool: 0 to 100. A prompt that never
    /// reached an agent is repeated in any case. Default 0.
    /// </summary>
    [Parameter]
    public int RetryCount { get; set; }

    /// <summary>
    /// Lets prompts wait while agents cannot be started and may be later, within -TimeoutSec. Without it, they fail when several
    /// starts in a row have failed.
    /// </summary>
    [Parameter]
    public SwitchParameter WaitForAgent { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        ReadPromptParameter();
        ReadLimits();
        ReadSchema();
        ReadJournalPath();
        _objects = new ObjectText(Depth, MaxObjectSize, new ObjectViews());
        _reader = new PromptInput(Embed, _objects, (Unwrapped(Session) is Session given ? RunspacePool.PoolOf(given) ?? PoolInUse : PoolInUse)?.Files);
        _attached = ReadAttached();
        if (IsWhatIf)
            _batch = Preview();
        else
            Begin();
        if (_isStopped)
            _batch!.Cancel();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
            TakeInput();
        else
            TakePaths();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        EndInput();
        _batch!.Complete();
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        // Ctrl+C can come before the batch exists.
        _isStopped = true;
        _batch?.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trace?.Dispose();
        _story?.Dispose();
        _batch?.Dispose();

        // Last, so that the journal also records the prompts cancelled just now.
        _journal?.Dispose();
        if (!IsWhatIf)
            RunspacePool.ForgetIfFailed();
    }

    private void Begin()
    {
        RequireSessionToFork();
        RefuseSettingsOfSession();
        PoolInfo pool = RequirePoolFor(Session);
        if (Session is null)
            MoveStandby(pool, _spec = WithSettings(WithTrust(SpecFor(pool))));
        else
            _session = SessionFor(pool, Session);
        RefuseToWaitForItself(pool, _session);
        ReadMeta();
        OpenJournal(pool.Protocol);
        _pool = pool;
        _trace = InvocationTrace.Begin(MyInvocation.MyCommand.Name);
        StreamedText? screen = OpenScreen();
        var batch = new PromptBatch(this, pool.Pool, new BatchOptions
        {
            ThrottleLimit = ThrottleLimit > 0 ? ThrottleLimit : _session is null || Fork ? Math.Min(pool.Options.Capacity, 1000) : 1,
            Ordered = Ordered,
            Stream = Stream && screen is null,
            Screen = screen,
            Spec = _spec,
            MaxFailures = MaxFailures,
            Verbose = WantsVerbose,
            Debug = WantsDebug,
            Journal = _journal,
            Session = _session,
            SpendingLimit = _limit!,
            Schema = _schema,
            SchemaRetryCount = SchemaRetryCount,
            Expand = Expand,
            RetryIndeterminate = RetryIndeterminate,
            ContentFiles = OpenContentDirectory(),
            NamesPrompts = HasInput,
        });
        _batch = batch;
        CheckQuota(pool.Pool, batch);
        _permissions = PermissionReader.Read(pool.Pool.Permissions, TrustAllTools, TrustTools);
        if (PermissionHandler is not null)
            _permissions = _permissions with { Handler = new HandlerRunner(PermissionHandler, pool.Pool, _session?.Name, batch.Pump).AskAsync };
        _story = TellStory(pool.Pool.Log, batch.Pump);
    }

    /// <summary>Runs the read prompt, or writes why there is none.</summary>
    private void Run(object? input, Func<PromptContent> read)
    {
        int index = _nextIndex++;
        try
        {
            PromptContent content = read();
            if (content.IsAboutNothing)
            {
                _batch!.Skip(input is object?[] many ? many.Length : 1);
                return;
            }

            IReadOnlyList<PromptPart> attachments = _attached.Count == 0 ? content.Attachments : [.. content.Attachments, .. _attached];
            if (attachments.Sum(PromptInput.LengthOf) > MaxCollectedCharacters)
                throw KiroException.CollectedInputTooLarge(MaxCollectedCharacters);
            OwnChoice own = ReadOwnChoice(input);
            var request = new PromptRequest
            {
                Prompt = PromptInput.Checked(content.Prompt),
                Attachments = attachments,
                Spec = own.Spec,
                AllowNewConversation = AllowNewConversation,
                Fork = Fork,
                Permissions = _permissions,
                Index = index,
                InputObject = InputTravel.ForResult(input),
                Name = InputName.Of(input),
                IsSlashCommand = SlashCommand,
                Timeout = _timeout,
                InactivityTimeout = _inactivityTimeout,
                RetryCount = RetryCount,
                Meta = _meta,
                WaitForAgent = WaitForAgent,
                TraceParent = _trace?.Context ?? default,
            };
            if (!IsConfirmed(request))
            {
                _batch!.Skip(1);
                return;
            }

            JournalKey key = _journal?.NextKey(request.Prompt, input, content.Attachments, own.Values) ?? default;

            // Finished prompts need no conversation.
            if (Resume && !Fork && (own.Session ?? _session) is { } talk && _journal?.IsDone(key, SlashCommand, RetryIndeterminate) == false)
                ResumeEarlierConversation(talk);
            _batch!.Add(request, target: input ?? content.Prompt, key, own.Session);
        }
        catch (AgentException e)
        {
            _batch!.AddError(KiroErrors.Create(e, input, PromptName.Of(index, InputName.Of(input))));
        }
        catch (KiroException e)
        {
            _batch!.AddError(KiroErrors.Create(e, input));
        }
    }

    private void ReadLimits()
    {
        try
        {
            _limit = ReadSpendingLimit();
            _timeout = SecondsReader.Read(nameof(TimeoutSec), TimeoutSec);
            _inactivityTimeout = SecondsReader.Read(nameof(InactivityTimeoutSec), InactivityTimeoutSec);
            if (MyInvocation.BoundParameters.ContainsKey(nameof(ThrottleLimit)) && ThrottleLimit is < 1 or > 1000)
                throw new ArgumentOutOfRangeException(nameof(ThrottleLimit), ThrottleLimit, $"ThrottleLimit must be 1 to 1000, but is {ThrottleLimit}.");
            if (RetryCount is < 0 or > 100)
                throw new ArgumentOutOfRangeException(nameof(RetryCount), RetryCount, $"RetryCount must be 0 to 100, but is {RetryCount}.");
            if (MaxFailures < 0)
                throw new ArgumentOutOfRangeException(nameof(MaxFailures), MaxFailures, $"MaxFailures must be 0 (never) or more, but is {MaxFailures}.");
            if (Depth is < 0 or > 100)
                throw new ArgumentOutOfRangeException(nameof(Depth), Depth, $"Depth must be 0 to 100, but is {Depth}.");
            if (MaxObjectSize is < 1024 or > MaxCollectedCharacters)
                throw new ArgumentOutOfRangeException(nameof(MaxObjectSize), MaxObjectSize, string.Create(CultureInfo.InvariantCulture, $"MaxObjectSize must be 1,024 to {MaxCollectedCharacters:N0} bytes, but is {MaxObjectSize}."));
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw Terminate(KiroErrors.Create(e, GetType()));
        }
    }
}
