using System.Management.Automation;

namespace KiroPool.Errors;

/// <summary>Every error id of the module, each once, with its category and what to do about it.</summary>
internal static class KiroErrors
{
    public const string PoolNotStarted = nameof(PoolNotStarted);
    public const string PoolAlreadyStarted = nameof(PoolAlreadyStarted);
    public const string PoolFromElsewhere = nameof(PoolFromElsewhere);
    public const string PromptMissing = nameof(PromptMissing);
    public const string PromptEmpty = nameof(PromptEmpty);
    public const string PromptFileUnreadable = nameof(PromptFileUnreadable);
    public const string PromptFileTooLarge = nameof(PromptFileTooLarge);
    public const string PromptFileNotText = nameof(PromptFileNotText);
    public const string InputNotSupported = nameof(InputNotSupported);
    public const string CollectedInputTooLarge = nameof(CollectedInputTooLarge);
    public const string PathNotFound = nameof(PathNotFound);
    public const string TooManyFailures = nameof(TooManyFailures);
    public const string JournalPathMissing = nameof(JournalPathMissing);
    public const string JournalExists = nameof(JournalExists);
    public const string JournalMismatch = nameof(JournalMismatch);
    public const string JournalInUse = nameof(JournalInUse);
    public const string JournalUnreadable = nameof(JournalUnreadable);
    public const string JournalWriteFailed = nameof(JournalWriteFailed);
    public const string JournalIndeterminate = nameof(JournalIndeterminate);
    public const string HostCannotPrompt = nameof(HostCannotPrompt);
    public const string MaxSizeOutOfRange = nameof(MaxSizeOutOfRange);
    public const string MinSizeOutOfRange = nameof(MinSizeOutOfRange);
    public const string MaxStartingOutOfRange = nameof(MaxStartingOutOfRange);
    public const string MaxUsesOutOfRange = nameof(MaxUsesOutOfRange);
    public const string IdleTimeoutOutOfRange = nameof(IdleTimeoutOutOfRange);
    public const string MaxAgeOutOfRange = nameof(MaxAgeOutOfRange);
    public const string StartTimeoutOutOfRange = nameof(StartTimeoutOutOfRange);
    public const string SessionTimeoutOutOfRange = nameof(SessionTimeoutOutOfRange);
    public const string CancelGraceOutOfRange = nameof(CancelGraceOutOfRange);
    public const string TimeoutOutOfRange = nameof(TimeoutOutOfRange);
    public const string InactivityTimeoutOutOfRange = nameof(InactivityTimeoutOutOfRange);
    public const string ThrottleLimitOutOfRange = nameof(ThrottleLimitOutOfRange);
    public const string RetryCountOutOfRange = nameof(RetryCountOutOfRange);
    public const string MaxFailuresOutOfRange = nameof(MaxFailuresOutOfRange);
    public const string SessionsPerProcessOutOfRange = nameof(SessionsPerProcessOutOfRange);
    public const string MaxMemoryMBOutOfRange = nameof(MaxMemoryMBOutOfRange);
    public const string StopGraceOutOfRange = nameof(StopGraceOutOfRange);
    public const string KillGraceOutOfRange = nameof(KillGraceOutOfRange);

    private const string RangeAdvice = "Give a value of the range the message names.";

    /// <summary>Category and advice by id. The ids of an agent's failures are the names of <see cref="FailureKind"/>.</summary>
    public static IReadOnlyDictionary<string, (ErrorCategory Category, string Advice)> All { get; } =
        new Dictionary<string, (ErrorCategory, string)>
        {
            [PoolNotStarted] = (ErrorCategory.ObjectNotFound, "Start one with Start-KiroPool, or hand one over with -Pool (inside ForEach-Object -Parallel and thread jobs: -Pool $using:pool)."),
            [PoolAlreadyStarted] = (ErrorCategory.ResourceExists, "Use the pool that runs, stop it with Stop-KiroPool, or replace it with Start-KiroPool -Force."),
            [PoolFromElsewhere] = (ErrorCategory.InvalidArgument, "A pool lives in the process that started it. Start one where the prompts run."),
            [PromptMissing] = (ErrorCategory.InvalidArgument, "Say with -Prompt what to do with the input: … | Invoke-KiroPrompt -Prompt 'Summarise this'."),
            [PromptEmpty] = (ErrorCategory.InvalidArgument, "Give a prompt that is not blank; Where-Object { $_ } drops empty lines."),
            [PromptFileUnreadable] = (ErrorCategory.ReadError, "Check that the file exists and may be read."),
            [PromptFileTooLarge] = (ErrorCategory.LimitsExceeded, "Attach the file instead: … | Invoke-KiroPrompt -Prompt 'What to do with it'."),
            [PromptFileNotText] = (ErrorCategory.InvalidData, "Attach the file instead: … | Invoke-KiroPrompt -Prompt 'What to do with it'."),
            [InputNotSupported] = (ErrorCategory.InvalidType, "Turn the input into text first, for example with ConvertTo-Json or Out-String."),
            [CollectedInputTooLarge] = (ErrorCategory.LimitsExceeded, "Collect less, or attach files as links instead of sending their text."),
            [PathNotFound] = (ErrorCategory.ObjectNotFound, "Check the path; -LiteralPath takes names with brackets as they are."),
            [TooManyFailures] = (ErrorCategory.LimitsExceeded, "Mend what the errors before this one say, or raise -MaxFailures."),
            [JournalPathMissing] = (ErrorCategory.InvalidArgument, "Name the batch's journal with -JournalPath, as in -JournalPath batch.jsonl -Resume."),
            [JournalExists] = (ErrorCategory.ResourceExists, "Go on with that batch by -Resume, name another file with -JournalPath, or remove the journal."),
            [JournalMismatch] = (ErrorCategory.InvalidArgument, "Give the same options as the run that began the journal, or begin another journal with -JournalPath."),
            [JournalInUse] = (ErrorCategory.ResourceBusy, "Wait for the other command to end, or name another file with -JournalPath."),
            [JournalUnreadable] = (ErrorCategory.InvalidData, "Check that -JournalPath names the batch's journal; mend or remove the line that the message names, or begin another journal."),
            [JournalWriteFailed] = (ErrorCategory.WriteError, "Make room or name a file that can be written; then give the same command with -Resume."),
            [JournalIndeterminate] = (ErrorCategory.InvalidResult, "Check what the agent has done; -Resume -RetryIndeterminate runs such prompts again."),
            [HostCannotPrompt] = (ErrorCategory.InvalidOperation, "Use Enter-KiroSession in an interactive console, and Invoke-KiroPrompt in scripts."),
            [MaxSizeOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MinSizeOutOfRange] = (ErrorCategory.InvalidArgument, "Lower -MinSize or raise -MaxSize."),
            [MaxStartingOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxUsesOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [IdleTimeoutOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxAgeOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [StartTimeoutOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [SessionTimeoutOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [CancelGraceOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [TimeoutOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [InactivityTimeoutOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [ThrottleLimitOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [RetryCountOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxFailuresOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [SessionsPerProcessOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxMemoryMBOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [StopGraceOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [KillGraceOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [nameof(FailureKind.ExecutableNotFound)] = (ErrorCategory.ObjectNotFound, "Install kiro-cli, or name the agent's program with -FilePath."),
            [nameof(FailureKind.ExecutableNotRunnable)] = (ErrorCategory.PermissionDenied, "Name a program that can be run with -FilePath, and its arguments with -ArgumentList."),
            [nameof(FailureKind.WorkingDirectoryNotFound)] = (ErrorCategory.ObjectNotFound, "Create the directory, or name another one with -WorkingDirectory."),
            [nameof(FailureKind.AgentStartFailed)] = (ErrorCategory.OpenError, "Run the agent's program by hand to see why it ends; the message holds the end of its stderr."),
            [nameof(FailureKind.AgentStartTimedOut)] = (ErrorCategory.OperationTimeout, "Check that the program speaks ACP and its MCP servers start, or raise -StartTimeoutSec or -SessionTimeoutSec."),
            [nameof(FailureKind.AgentKeepsFailing)] = (ErrorCategory.ResourceUnavailable, "Mend the cause the message names; the pool tries again by itself."),
            [nameof(FailureKind.SignInRequired)] = (ErrorCategory.AuthenticationError, "Sign in with 'kiro-cli login', then run the command again."),
            [nameof(FailureKind.AgentNotFound)] = (ErrorCategory.ObjectNotFound, "Name an agent that the message lists."),
            [nameof(FailureKind.ModelNotFound)] = (ErrorCategory.ObjectNotFound, "Name a model that the message lists."),
            [nameof(FailureKind.RateLimited)] = (ErrorCategory.LimitsExceeded, "Wait a little, or lower -ThrottleLimit: the limit is the account's, so more processes do not help."),
            [nameof(FailureKind.QuotaExceeded)] = (ErrorCategory.QuotaExceeded, "Raise the account's quota, or wait until it is renewed."),
            [nameof(FailureKind.SessionLocked)] = (ErrorCategory.ResourceBusy, "End the process the message names, or start a new conversation."),
            [nameof(FailureKind.SessionNotFound)] = (ErrorCategory.ObjectNotFound, "See Get-KiroSession for those there are, or make one with New-KiroSession."),
            [nameof(FailureKind.SessionExists)] = (ErrorCategory.ResourceExists, "Use the session that exists, remove it with Remove-KiroSession, or choose another name."),
            [nameof(FailureKind.SessionMismatch)] = (ErrorCategory.InvalidArgument, "Leave -Agent, -Model and -WorkingDirectory away, or make another session with them."),
            [nameof(FailureKind.SessionRemoved)] = (ErrorCategory.ObjectNotFound, "Make the session again with New-KiroSession; it begins a new conversation."),
            [nameof(FailureKind.SessionLost)] = (ErrorCategory.ResourceUnavailable, "Begin a new conversation knowingly with -AllowNewConversation, or try again: the message says what stood in the way."),
            [nameof(FailureKind.SessionFromElsewhere)] = (ErrorCategory.InvalidArgument, "Use the session with the pool that made it (-Pool)."),
            [nameof(FailureKind.AgentError)] = (ErrorCategory.InvalidResult, "Read the agent's message; it is given as the agent worded it."),
            [nameof(FailureKind.CancelledByAgent)] = (ErrorCategory.OperationStopped, "Look at the result's ToolCalls: a rejected permission can end a turn."),
            [nameof(FailureKind.AgentDied)] = (ErrorCategory.ConnectionError, "Check what the agent has done before you run the prompt again."),
            [nameof(FailureKind.ProtocolViolation)] = (ErrorCategory.ProtocolError, "Check that the program speaks ACP version 1; -Debug shows what it sends amiss."),
            [nameof(FailureKind.PromptTimedOut)] = (ErrorCategory.OperationTimeout, "Raise -TimeoutSec, or give the pool more agents with -MaxSize."),
            [nameof(FailureKind.AgentSilent)] = (ErrorCategory.OperationTimeout, "Raise -InactivityTimeoutSec, or look at what keeps the agent busy."),
            [nameof(FailureKind.PromptCancelled)] = (ErrorCategory.OperationStopped, "Run the prompt again."),
            [nameof(FailureKind.PoolStopped)] = (ErrorCategory.ResourceUnavailable, "Start a pool with Start-KiroPool and run the prompt again."),
            [nameof(FailureKind.NotSupported)] = (ErrorCategory.NotImplemented, "Use what the message names instead."),
        };

    /// <summary>Makes the record of an error of the module's own.</summary>
    public static ErrorRecord Create(string id, string message, object? target, Exception? inner = null) =>
        Create(id, new InvalidOperationException(message, inner), target);

    /// <summary>Makes the record of a journal that cannot be used.</summary>
    public static ErrorRecord Create(JournalException failure) => Create(failure.ErrorId, failure.Message, failure.Path, failure.InnerException);

    /// <summary>Makes the record of a prompt that an earlier run left without a certain outcome.</summary>
    /// <param name="failure">What the journal has of it.</param>
    /// <param name="target">The user's input.</param>
    public static ErrorRecord CreateIndeterminate(PromptFailedException failure, object? target) => Create(JournalIndeterminate, failure, target);

    /// <summary>Makes the record of a failure of the pool or an agent.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="target">The user's input; the value the failure is about when null.</param>
    public static ErrorRecord Create(AgentException failure, object? target = null) =>
        Create(failure.Kind.ToString(), failure, target ?? failure.Value);

    /// <summary>Makes the record of an option out of its range.</summary>
    public static ErrorRecord Create(ArgumentOutOfRangeException range)
    {
        // The framework appends the parameter and the value, which the message names already.
        string message = range.Message.Split(" (Parameter")[0];
        return Create($"{range.ParamName}OutOfRange", new ArgumentException(message, range), range.ActualValue);
    }

    private static ErrorRecord Create(string id, Exception exception, object? target)
    {
        (ErrorCategory category, string advice) = All[id];
        return new ErrorRecord(exception, id, category, target)
        {
            ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = advice },
        };
    }
}
