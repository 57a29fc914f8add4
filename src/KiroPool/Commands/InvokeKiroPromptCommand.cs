using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Pipeline;

namespace KiroPool.Commands;

/// <summary>Runs prompts on the pool's agents, several at a time, and writes each result as it comes.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "KiroPrompt")]
[OutputType(typeof(PromptResult))]
public sealed class InvokeKiroPromptCommand : PoolCommand, IDisposable
{
    private PoolInfo? _pool;
    private AgentSpec? _spec;
    private volatile PipelinePump? _pump;
    private volatile bool _isStopped;
    private IDisposable? _story;
    private bool _promptIsGiven;
    private bool _promptIsScript;
    private int _nextIndex;
    private TimeSpan _timeout;
    private TimeSpan _inactivityTimeout;
    private int _rejectionsSaid;

    /// <summary>What to do. Piped input goes with it; without it, each input is a prompt itself.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    [AllowNull]
    public string? Prompt { get; set; }

    /// <summary>The input: strings, prompt files; with -Prompt, what the prompt is about.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>The most prompts at a time. Default: the pool's MaxSize.</summary>
    [Parameter]
    public int ThrottleLimit { get; set; }

    /// <summary>Writes results in the order of the input instead of as they complete.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>Seconds each prompt may take from being queued, start of an agent included; 0 for no limit. Default 0.</summary>
    [Parameter]
    [Alias("TimeoutSeconds")]
    public double TimeoutSec { get; set; }

    /// <summary>Seconds an agent may send nothing during a turn; 0 for no limit. Default 600.</summary>
    [Parameter]
    public double InactivityTimeoutSec { get; set; } = new PoolOptions().InactivityTimeout.TotalSeconds;

    /// <summary>
    /// How often a failed prompt is run again, if the agent had neither said nor used anything: 0 to 100. What never
    /// reached an agent is run again in any case. Default 0.
    /// </summary>
    [Parameter]
    public int RetryCount { get; set; }

    /// <summary>The agent (mode) to use; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Agent { get; set; }

    /// <summary>The model to use; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

    /// <summary>The directory the agent works in; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _promptIsGiven = MyInvocation.BoundParameters.TryGetValue(nameof(Prompt), out object? prompt);

        // A script block that makes the prompt from each input stands here as an object of the binder's own.
        _promptIsScript = _promptIsGiven && prompt is not (string or null);
        if (_promptIsGiven && !_promptIsScript && string.IsNullOrWhiteSpace(Prompt))
            throw Terminate(KiroErrors.Create(KiroErrors.PromptEmpty, "The prompt is empty.", Prompt));
        ReadLimits();
        _pool = RequirePoolOrStartDefault();
        _spec = SpecFor(_pool, Agent, Model, WorkingDirectory);
        _pump = new PipelinePump(this, ThrottleLimit > 0 ? ThrottleLimit : _pool.MaxSize, Ordered);
        _story = TellStory(_pool.Pool.Log, _pump);
        if (_isStopped)
            _pump.Cancel();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // The members of an object made by PowerShell are on its wrapper.
        object? input = InputObject?.BaseObject is PSCustomObject ? InputObject : InputObject?.BaseObject;
        int index = _nextIndex++;
        try
        {
            PromptRequest request = ReadRequest(input) with { Index = index };
            _pump!.Run(number => PromptAsync(request, number));
        }
        catch (PromptInputException e)
        {
            _pump!.Run(number =>
            {
                _pump!.Post(RecordKind.Error, KiroErrors.Create(e.ErrorId, e.Message, input, e.InnerException), number);
                return Task.CompletedTask;
            });
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _pump!.Complete();

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        // Ctrl+C can come before the pump is there.
        _isStopped = true;
        _pump?.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _story?.Dispose();
        _pump?.Dispose();
    }

    private PromptRequest ReadRequest(object? input)
    {
        (string prompt, IReadOnlyList<PromptPart> attachments) = ReadPrompt(input);
        return new PromptRequest
        {
            Prompt = prompt,
            Attachments = attachments,
            Spec = _spec,
            InputObject = input,
            Timeout = _timeout,
            InactivityTimeout = _inactivityTimeout,
            RetryCount = RetryCount,
        };
    }

    private (string Prompt, IReadOnlyList<PromptPart> Attachments) ReadPrompt(object? input)
    {
        if (_promptIsScript)
            return (PromptInput.Checked(Prompt), input is FileSystemInfo ? PromptInput.ReadAttachments(input) : []);
        if (_promptIsGiven)
            return (Prompt!, PromptInput.ReadAttachments(input));

        // A result of another prompt has a property Prompt, but asking the same again is hardly what is meant.
        if (Prompt is not null && input is not PromptResult)
            return (PromptInput.Checked(Prompt), []);
        if (input is null && !MyInvocation.ExpectingInput)
            throw new PromptInputException(KiroErrors.PromptMissing, "There is neither a prompt nor input. Say what to do: Invoke-KiroPrompt 'Explain this repository'.");
        return (PromptInput.ReadPrompt(input), []);
    }

    private async Task PromptAsync(PromptRequest request, long number)
    {
        try
        {
            PromptResult result = await _pool!.Pool.PromptAsync(request, _pump!.Token).ConfigureAwait(false);
            WarnOf(result, number);
            _pump!.Post(RecordKind.Result, result, number);
        }
        catch (PromptFailedException) when (_pump!.Token.IsCancellationRequested)
        {
            // The pipeline is being stopped: nothing can be written, the statistics have it.
        }
        catch (PromptFailedException e)
        {
            WarnOf(e.Result, number);
            _pump!.Post(RecordKind.Error, KiroErrors.Create(e, request.InputObject ?? request.Prompt), number);
        }
    }

    private void WarnOf(PromptResult result, long number)
    {
        if (result is { Outcome: nameof(PromptOutcome.Completed), StopReason: not "end_turn" })
            _pump!.Post(RecordKind.Warning, $"Prompt {result.Index}: the agent stopped early ({result.StopReason}); its answer may not be whole.", number);
        if (result.ToolCalls.Any(call => call.Permission == "Rejected") && Interlocked.Exchange(ref _rejectionsSaid, 1) == 0)
            _pump!.Post(RecordKind.Warning, $"Prompt {result.Index}: tools were rejected, because nobody allowed them; ToolCalls of the results says which. This is said once.", number);
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
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
