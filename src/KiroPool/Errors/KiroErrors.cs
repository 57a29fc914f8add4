using System.Management.Automation;
using KiroPool.Engine.Agents;

namespace KiroPool.Errors;

/// <summary>Every error id of the module, with its category and remedy.</summary>
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
    public const string PromptScriptFailed = nameof(PromptScriptFailed);
    public const string PermissionHandlerFailed = nameof(PermissionHandlerFailed);
    public const string InputNotSupported = nameof(InputNotSupported);
    public const string InputTooLarge = nameof(InputTooLarge);
    public const string CollectedInputTooLarge = nameof(CollectedInputTooLarge);
    public const string PathNotFound = nameof(PathNotFound);
    public const string SchemaInvalid = nameof(SchemaInvalid);
    public const string SchemaMissing = nameof(SchemaMissing);
    public const string TooManyFailures = nameof(TooManyFailures);
    public const string JournalPathMissing = nameof(JournalPathMissing);
    public const string JournalExists = nameof(JournalExists);
    public const string JournalMismatch = nameof(JournalMismatch);
    public const string JournalInUse = nameof(JournalInUse);
    public const string JournalUnreadable = nameof(JournalUnreadable);
    public const string JournalWriteFailed = nameof(JournalWriteFailed);
    public const string JournalIndeterminate = nameof(JournalIndeterminate);
    public const string ContentNotWritten = nameof(ContentNotWritten);
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
    public const string SchemaRetryCountOutOfRange = nameof(SchemaRetryCountOutOfRange);
    public const string MaxCreditsOutOfRange = nameof(MaxCreditsOutOfRange);
    public const string MaxCostOutOfRange = nameof(MaxCostOutOfRange);
    public const string MaxTokensOutOfRange = nameof(MaxTokensOutOfRange);
    public const string MaxFailuresOutOfRange = nameof(MaxFailuresOutOfRange);
    public const string DepthOutOfRange = nameof(DepthOutOfRange);
    public const string MaxObjectSizeOutOfRange = nameof(MaxObjectSizeOutOfRange);
    public const string SessionsPerProcessOutOfRange = nameof(SessionsPerProcessOutOfRange);
    public const string MaxMemoryMBOutOfRange = nameof(MaxMemoryMBOutOfRange);
    public const string StopGraceOutOfRange = nameof(StopGraceOutOfRange);
    public const string KillGraceOutOfRange = nameof(KillGraceOutOfRange);

    private const string RangeAdvice = "Get-Help shows the meaning and the default of each parameter.";

    /// <summary>Category and advice by id. The ids of an agent's failures are the names of <see cref="FailureKind"/>.</summary>
    public static IReadOnlyDictionary<string, (ErrorCategory Category, string Advice)> All { get; } =
        new Dictionary<string, (ErrorCategory, string)>
        {
            [PoolNotStarted] = (ErrorCategory.ObjectNotFound, "Start a pool with Start-KiroPool, or pass one with -Pool (in ForEach-Object -Parallel and thread jobs: -Pool $using:pool)."),
            [PoolAlreadyStarted] = (ErrorCategory.ResourceExists, "Start-KiroPool without options returns the running pool. Stop it with Stop-KiroPool, or replace it with -Force."),
            [PoolFromElsewhere] = (ErrorCategory.InvalidArgument, "A pool lives in the process that started it. Start one where the prompts run."),
            [PromptMissing] = (ErrorCategory.InvalidArgument, "Use -Prompt to say what to do with the input: … | Invoke-KiroPrompt -Prompt 'Summarise this'."),
            [PromptEmpty] = (ErrorCategory.InvalidArgument, "Give a prompt that is not blank; Where-Object { $_ } drops empty lines."),
            [PromptFileUnreadable] = (ErrorCategory.ReadError, "Check that the file exists and that you may read it."),
            [PromptFileTooLarge] = (ErrorCategory.LimitsExceeded, "Attach the file instead: … | Invoke-KiroPrompt -Prompt 'What to do with it'."),
            [PromptFileNotText] = (ErrorCategory.InvalidData, "Attach the file instead: … | Invoke-KiroPrompt -Prompt 'What to do with it'."),
            [PromptScriptFailed] = (ErrorCategory.InvalidResult, "Correct the script block: its input is $_, and its output is the prompt."),
            [PermissionHandlerFailed] = (ErrorCategory.InvalidOperation, "Correct the handler: it returns Allow, AllowAlways or Reject, and does not wait for the pool that asks it."),
            [InputTooLarge] = (ErrorCategory.LimitsExceeded, "Choose the properties that matter with Select-Object, or raise -MaxObjectSize."),
            [InputNotSupported] = (ErrorCategory.InvalidType, "Convert the input to text first, for example with ConvertTo-Json or Out-String, or attach it without -Embed."),
            [CollectedInputTooLarge] = (ErrorCategory.LimitsExceeded, "Collect less, or attach files as links instead of sending their text."),
            [PathNotFound] = (ErrorCategory.ObjectNotFound, "Check the path. For names with brackets, use -LiteralPath."),
            [SchemaInvalid] = (ErrorCategory.InvalidArgument, "See about_KiroPool_Schemas for the forms a schema can have."),
            [SchemaMissing] = (ErrorCategory.InvalidArgument, "Give a schema: -Schema @{ summary = [string] } -Expand."),
            [TooManyFailures] = (ErrorCategory.LimitsExceeded, "Fix the causes of the earlier errors, or raise -MaxFailures."),
            [JournalPathMissing] = (ErrorCategory.InvalidArgument, "Name the journal of the batch with -JournalPath, for example -JournalPath batch.jsonl -Resume."),
            [JournalExists] = (ErrorCategory.ResourceExists, "Continue that batch with -Resume, name another file with -JournalPath, or delete the journal."),
            [JournalMismatch] = (ErrorCategory.InvalidArgument, "Use the options of the first run, or start another journal with -JournalPath."),
            [JournalInUse] = (ErrorCategory.ResourceBusy, "Wait for the other command to end, or name another file with -JournalPath."),
            [JournalUnreadable] = (ErrorCategory.InvalidData, "Check that -JournalPath names a journal. Repair or delete the line that the message names, or start another journal."),
            [JournalWriteFailed] = (ErrorCategory.WriteError, "Free disk space or name a writable file, then repeat the command with -Resume."),
            [JournalIndeterminate] = (ErrorCategory.InvalidResult, "Check what the agent has done. -Resume -RetryIndeterminate runs such prompts again."),
            [ContentNotWritten] = (ErrorCategory.WriteError, "Name a writable directory with -ContentDirectory."),
            [HostCannotPrompt] = (ErrorCategory.InvalidOperation, "Use Enter-KiroSession in an interactive console, or Invoke-KiroPrompt in a script."),
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
            [SchemaRetryCountOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxCreditsOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxCostOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxTokensOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [DepthOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxObjectSizeOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxFailuresOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [SessionsPerProcessOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [MaxMemoryMBOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [StopGraceOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [KillGraceOutOfRange] = (ErrorCategory.InvalidArgument, RangeAdvice),
            [nameof(FailureKind.ExecutableNotFound)] = (ErrorCategory.ObjectNotFound, "Install kiro-cli, or name the program of the agent with -FilePath."),
            [nameof(FailureKind.ExecutableNotRunnable)] = (ErrorCategory.PermissionDenied, "Name an executable program with -FilePath, and its arguments with -ArgumentList."),
            [nameof(FailureKind.WorkingDirectoryNotFound)] = (ErrorCategory.ObjectNotFound, "Create the directory, or name another one with -WorkingDirectory."),
            [nameof(FailureKind.WorkingDirectoryNotAccessible)] = (ErrorCategory.PermissionDenied, "Grant the execute permission on the directory and the directories above it, or name another one with -WorkingDirectory."),
            [nameof(FailureKind.EnvironmentInvalid)] = (ErrorCategory.InvalidArgument, "Use names without '=' and values that are text: -Environment @{ NAME = 'value' }. The value $null removes a variable."),
            [nameof(FailureKind.EnvironmentTooLarge)] = (ErrorCategory.LimitsExceeded, "Shorten the variable that the message names, or remove it with -Environment @{ NAME = $null }."),
            [nameof(FailureKind.ArgumentListInvalid)] = (ErrorCategory.InvalidArgument, "Remove the character from -ArgumentList, or name the program that the batch file starts with -FilePath."),
            [nameof(FailureKind.ArgumentListTooLarge)] = (ErrorCategory.LimitsExceeded, "Shorten -ArgumentList, or pass a file to the program."),
            [nameof(FailureKind.ResourcesExhausted)] = (ErrorCategory.ResourceUnavailable, "Free the resource that the message names, lower -MaxSize, or raise the limit of the system."),
            [nameof(FailureKind.AgentStartFailed)] = (ErrorCategory.OpenError, "Run the program of the agent by hand to see why it ends. The message shows the end of its stderr."),
            [nameof(FailureKind.AgentStartTimedOut)] = (ErrorCategory.OperationTimeout, "Check that the program speaks ACP and that its MCP servers start, or raise -StartTimeoutSec or -SessionTimeoutSec."),
            [nameof(FailureKind.AgentKeepsFailing)] = (ErrorCategory.ResourceUnavailable, "Fix the cause that the message names. The pool then tries again by itself."),
            [nameof(FailureKind.SignInRequired)] = (ErrorCategory.AuthenticationError, "Run kiro-cli login, or sign in to the program of the agent in its own way, and repeat the command."),
            [nameof(FailureKind.AgentNotFound)] = (ErrorCategory.ObjectNotFound, "Get-KiroAgent lists the agents. The message has those that the program offers."),
            [nameof(FailureKind.ModelNotFound)] = (ErrorCategory.ObjectNotFound, "Get-KiroModel lists the models. The message has those that the program offers."),
            [nameof(FailureKind.RateLimited)] = (ErrorCategory.LimitsExceeded, "-RetryCount 3 waits for the end of the pause and repeats such a prompt. The limit belongs to the account, so more processes do not help."),
            [nameof(FailureKind.QuotaExceeded)] = (ErrorCategory.QuotaExceeded, "Raise the account's quota, or wait until it is renewed."),
            [nameof(FailureKind.InvalidOutput)] = (ErrorCategory.InvalidResult, "Read the faults in the message and the answer in the exception's Result; ask for less, describe the properties, or raise -SchemaRetryCount."),
            [nameof(FailureKind.BudgetExceeded)] = (ErrorCategory.LimitsExceeded, "Raise the limit that the message names. With a journal, -Resume runs the prompts that were not sent."),
            [nameof(FailureKind.SessionLocked)] = (ErrorCategory.ResourceBusy, "End the process that the message names, or start a new conversation."),
            [nameof(FailureKind.SessionNotFound)] = (ErrorCategory.ObjectNotFound, "List the sessions with Get-KiroSession, or create one with New-KiroSession."),
            [nameof(FailureKind.SessionExists)] = (ErrorCategory.ResourceExists, "Use the existing session, remove it with Remove-KiroSession, or choose another name."),
            [nameof(FailureKind.SessionMismatch)] = (ErrorCategory.InvalidArgument, "Get-KiroSession shows the values of the session. Omit -Agent, -Model and -WorkingDirectory, or create another session."),
            [nameof(FailureKind.SessionRemoved)] = (ErrorCategory.ObjectNotFound, "Create the session again with New-KiroSession. It starts a new conversation."),
            [nameof(FailureKind.SessionLost)] = (ErrorCategory.ResourceUnavailable, "Fix the cause that the message names and try again, or start a new conversation with -AllowNewConversation."),
            [nameof(FailureKind.SessionFromElsewhere)] = (ErrorCategory.InvalidArgument, "Use the session with the pool that created it (-Pool)."),
            [nameof(FailureKind.PoolHeldBySessions)] = (ErrorCategory.ResourceUnavailable, "Remove a session with Remove-KiroSession, or start the pool with a larger -MaxSize."),
            [nameof(FailureKind.AgentError)] = (ErrorCategory.InvalidResult, "Check the prompt and its attachments. -RetryCount repeats a prompt whose agent had done nothing yet."),
            [nameof(FailureKind.CancelledByAgent)] = (ErrorCategory.OperationStopped, "Check ToolCalls of the result: a rejected tool can end a turn. -TrustTools allows it."),
            [nameof(FailureKind.AgentDied)] = (ErrorCategory.ConnectionError, "Check what the agent has done before you run the prompt again."),
            [nameof(FailureKind.ProtocolViolation)] = (ErrorCategory.ProtocolError, "Check that the program speaks ACP version 1. -Debug shows its invalid messages."),
            [nameof(FailureKind.PromptTimedOut)] = (ErrorCategory.OperationTimeout, "Raise -TimeoutSec, or give the pool more agents with -MaxSize."),
            [nameof(FailureKind.AgentSilent)] = (ErrorCategory.OperationTimeout, "Raise -InactivityTimeoutSec, or find out what the agent is waiting for."),
            [nameof(FailureKind.PromptCancelled)] = (ErrorCategory.OperationStopped, "With -JournalPath and -Resume, the same command continues with the prompts that have no answer."),
            [nameof(FailureKind.PoolStopped)] = (ErrorCategory.ResourceUnavailable, "Start a pool with Start-KiroPool and run the prompt again."),
            [nameof(FailureKind.NotSupported)] = (ErrorCategory.NotImplemented, "Use the alternative that the message names."),
        };

    /// <summary>Makes the record of an error of the module's own.</summary>
    public static ErrorRecord Create(string id, string message, object? target, Exception? inner = null) =>
        Create(id, new InvalidOperationException(TerminalText.Harmless(message), inner), target);

    /// <summary>Makes the record of a journal that cannot be used.</summary>
    public static ErrorRecord Create(JournalException failure) => Create(failure.ErrorId, failure.Message, failure.Path, failure.InnerException);

    /// <summary>Makes the record of a prompt that an earlier run left without a certain outcome.</summary>
    /// <param name="failure">The failure in the journal.</param>
    /// <param name="target">The user's input.</param>
    public static ErrorRecord CreateIndeterminate(PromptFailedException failure, object? target) => Create(JournalIndeterminate, failure, target);

    /// <summary>Makes the record of a failure of the pool or an agent.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="target">The user's input; null for the wrong value of the failure.</param>
    /// <param name="prompt">The prompt that failed, as "Prompt 3 (Program.cs)"; null for a failure of the whole command.</param>
    public static ErrorRecord Create(AgentException failure, object? target = null, string? prompt = null) =>
        Create(failure.Kind.ToString(), failure, target ?? failure.Value, failure.Advice, prompt);

    /// <summary>Makes the record of an option out of its range.</summary>
    public static ErrorRecord Create(ArgumentOutOfRangeException range)
    {
        // The framework appends the parameter and the value, which the message names already.
        string message = range.Message.Split(" (Parameter")[0];
        return Create($"{range.ParamName}OutOfRange", new ArgumentException(message, range), range.ActualValue);
    }

    private static ErrorRecord Create(string id, Exception exception, object? target, string? advice = null, string? prompt = null)
    {
        (ErrorCategory category, string usual) = All[id];
        string message = TerminalText.Harmless(exception.Message);
        return new ErrorRecord(exception, id, category, target)
        {
            ErrorDetails = new ErrorDetails(prompt is null ? message : $"{TerminalText.Harmless(prompt)}: {message}") { RecommendedAction = advice ?? usual },
        };
    }
}
