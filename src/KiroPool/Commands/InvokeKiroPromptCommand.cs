using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Pipeline;

namespace KiroPool.Commands;

/// <summary>Runs prompts on the agents of the pool, several at a time, and writes each result as it completes.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "KiroPrompt", DefaultParameterSetName = InputSet)]
[OutputType(typeof(PromptResult), typeof(PromptUpdate))]
public sealed partial class InvokeKiroPromptCommand : AgentCommand, IDisposable
{
    private const string InputSet = "Input";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    // No model accepts a larger prompt, so more input is a mistake.
    private const int MaxCollectedCharacters = 16 * 1024 * 1024;

    private readonly List<(object? Input, string? Prompt)> _collected = [];
    private long _collectedCharacters;
    private AgentSpec? _spec;
    private volatile PromptBatch? _batch;
    private volatile bool _isStopped;
    private IDisposable? _story;
    private PromptInput? _reader;
    private IReadOnlyList<PromptPart> _attached = [];
    private bool _promptIsGiven;
    private bool _promptIsScript;
    private int _nextIndex;
    private TimeSpan _timeout;
    private TimeSpan _inactivityTimeout;

    /// <summary>What to do. Piped input goes with it; without it, each input is a prompt itself.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    [AllowNull]
    public string? Prompt { get; set; }

    /// <summary>The input: strings, prompt files; with -Prompt, what the prompt is about.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>Files and directories as input; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Files and directories as input, by literal names.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Files and directories that go with every prompt, after its input; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Attachment { get; set; }

    /// <summary>Sends the text of files (UTF-8, at most 1 MiB each) instead of links to them.</summary>
    [Parameter]
    public SwitchParameter Embed { get; set; }

    /// <summary>Joins the whole input into one prompt.</summary>
    [Parameter]
    public SwitchParameter Collect { get; set; }

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
    [Alias("TimeoutSeconds")]
    public double TimeoutSec { get; set; }

    /// <summary>The seconds an agent may be silent during a turn; 0 for no limit. Default 600.</summary>
    [Parameter]
    public double InactivityTimeoutSec { get; set; } = new PoolOptions().InactivityTimeout.TotalSeconds;

    /// <summary>
    /// How often a failed prompt is repeated, if the agent had sent no text and used no tool: 0 to 100. A prompt that never
    /// reached an agent is repeated in any case. Default 0.
    /// </summary>
    [Parameter]
    public int RetryCount { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _promptIsGiven = MyInvocation.BoundParameters.TryGetValue(nameof(Prompt), out object? prompt);

        // Here a delay-bound script block is an object of the binder.
        _promptIsScript = _promptIsGiven && prompt is not (string or null);
        if (_promptIsGiven && !_promptIsScript && string.IsNullOrWhiteSpace(Prompt))
            throw Terminate(KiroErrors.Create(KiroErrors.PromptEmpty, "The prompt is empty.", Prompt));
        ReadLimits();
        ReadJournalPath();
        _reader = new PromptInput(Embed, JsonConversion.ToJson);
        _attached = ReadAttached();
        PoolInfo pool = RequirePoolFor(Session);
        if (Session is null)
            _spec = WithTrust(SpecFor(pool));
        else
            _session = SessionFor(pool, Session);
        OpenJournal(pool.Protocol);
        _batch = new PromptBatch(this, pool.Pool, new BatchOptions
        {
            ThrottleLimit = ThrottleLimit > 0 ? ThrottleLimit : _session is null ? pool.MaxSize : 1,
            Ordered = Ordered,
            Stream = Stream,
            MaxFailures = MaxFailures,
            Verbose = WantsVerbose,
            Debug = WantsDebug,
            Journal = _journal,
            RetryIndeterminate = RetryIndeterminate,
        });
        _permissions = PermissionReader.Read(pool.Pool.Permissions, TrustAllTools, TrustTools, PermissionHandler, _batch.Pump);
        _story = TellStory(pool.Pool.Log, _batch.Pump);
        if (_isStopped)
            _batch.Pump.Cancel();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            Take(InputTravel.Unwrap(InputObject));
            return;
        }

        foreach (string path in Path ?? LiteralPath!)
        {
            try
            {
                foreach (FileSystemInfo item in SessionState.ResolveItems(path, isLiteral: LiteralPath is not null))
                    Take(item);
            }
            catch (PromptInputException e)
            {
                _nextIndex++;
                _batch!.AddError(KiroErrors.Create(e.ErrorId, e.Message, path, e.InnerException));
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Collect && _collected.Count > 0)
            Run(_collected.Select(one => one.Input).ToArray(), ReadCollected);
        _batch!.Complete();
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        // Ctrl+C can come before the batch exists.
        _isStopped = true;
        _batch?.Pump.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _story?.Dispose();
        _batch?.Dispose();

        // Last, so that the journal also records the prompts cancelled just now.
        _journal?.Dispose();
    }

    private void Take(object? input)
    {
        if (!Collect)
        {
            Run(input, () => ReadPrompt(input, Prompt));
            return;
        }

        _collectedCharacters += (PromptInput.TextOf(input)?.Length ?? 0) + (_promptIsScript ? Prompt?.Length ?? 0 : 0);
        if (_collectedCharacters > MaxCollectedCharacters)
        {
            throw Terminate(KiroErrors.Create(
                KiroErrors.CollectedInputTooLarge,
                $"The input is larger than {MaxCollectedCharacters:N0} characters, the limit for one prompt with -Collect.",
                target: null));
        }

        _collected.Add((input, Prompt));
    }

    /// <summary>Runs the read prompt, or writes why there is none.</summary>
    private void Run(object? input, Func<PromptContent> read)
    {
        int index = _nextIndex++;
        try
        {
            PromptContent content = read();
            var request = new PromptRequest
            {
                Prompt = PromptInput.Checked(content.Prompt),
                Attachments = _attached.Count == 0 ? content.Attachments : [.. content.Attachments, .. _attached],
                Spec = _spec,
                Session = _session,
                AllowNewConversation = AllowNewConversation,
                Permissions = _permissions,
                Index = index,
                InputObject = InputTravel.ForResult(input),
                IsSlashCommand = SlashCommand,
                Timeout = _timeout,
                InactivityTimeout = _inactivityTimeout,
                RetryCount = RetryCount,
            };
            _batch!.Add(request, target: input ?? content.Prompt, _journal?.NextKey(request.Prompt, input, content.Attachments) ?? default);
        }
        catch (PromptInputException e)
        {
            _batch!.AddError(KiroErrors.Create(e.ErrorId, e.Message, input, e.InnerException));
        }
    }

    private PromptContent ReadPrompt(object? input, string? prompt)
    {
        if (_promptIsScript)
            return new(prompt, input is FileSystemInfo ? _reader!.ReadAttachments(input) : []);
        if (_promptIsGiven)
            return new(prompt, _reader!.ReadAttachments(input));

        // A result of another prompt also has a property Prompt, but the user hardly wants to ask the same again.
        if (prompt is not null && !PromptInput.IsResult(input))
            return new(prompt, []);
        if (input is null && ParameterSetName == InputSet && !MyInvocation.ExpectingInput)
            throw new PromptInputException(KiroErrors.PromptMissing, "There is neither a prompt nor input. Give a prompt: Invoke-KiroPrompt 'Explain this repository'.");
        return new(PromptInput.ReadText(input), []);
    }

    private PromptContent ReadCollected()
    {
        if (_promptIsGiven && !_promptIsScript)
            return new(Prompt, _reader!.ReadAttachments(_collected.Select(one => one.Input)));
        PromptContent[] all = [.. _collected.Select(one => ReadPrompt(one.Input, one.Prompt))];
        return new(string.Join('\n', all.Select(one => one.Prompt)), [.. all.SelectMany(one => one.Attachments)]);
    }

    private IReadOnlyList<PromptPart> ReadAttached()
    {
        try
        {
            return [.. (Attachment ?? []).SelectMany(path => SessionState.ResolveItems(path, isLiteral: false)).Select(item => _reader!.ReadFile(item.FullName))];
        }
        catch (PromptInputException e)
        {
            throw Terminate(KiroErrors.Create(e.ErrorId, e.Message, Attachment, e.InnerException));
        }
    }

    private void ReadLimits()
    {
        try
        {
            _timeout = SecondsReader.Read(nameof(TimeoutSec), TimeoutSec);
            _inactivityTimeout = SecondsReader.Read(nameof(InactivityTimeoutSec), InactivityTimeoutSec);
            if (MyInvocation.BoundParameters.ContainsKey(nameof(ThrottleLimit)) && ThrottleLimit is < 1 or > 1000)
                throw new ArgumentOutOfRangeException(nameof(ThrottleLimit), ThrottleLimit, $"ThrottleLimit must be 1 to 1000, but is {ThrottleLimit}.");
            if (RetryCount is < 0 or > 100)
                throw new ArgumentOutOfRangeException(nameof(RetryCount), RetryCount, $"RetryCount must be 0 to 100, but is {RetryCount}.");
            if (MaxFailures < 0)
                throw new ArgumentOutOfRangeException(nameof(MaxFailures), MaxFailures, $"MaxFailures must be 0 (never) or more, but is {MaxFailures}.");
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
