using System.Management.Automation;
using System.Reflection;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Errors;

/// <summary>Makes the error records of the module, and holds category and remedy of each failure of an agent.</summary>
internal static class KiroErrors
{
    /// <summary>The id of a prompt that an earlier run left without a certain outcome.</summary>
    public const string JournalIndeterminate = nameof(JournalIndeterminate);

    /// <summary>Category and advice by id. The ids of an agent's failures are the names of <see cref="FailureKind"/>.</summary>
    private static Dictionary<string, (ErrorCategory Category, string Advice)> Failures { get; } =
        new Dictionary<string, (ErrorCategory, string)>
        {
            [JournalIndeterminate] = (ErrorCategory.InvalidResult, "Check what the agent has done. -Resume -RetryIndeterminate runs such prompts again."),
            [nameof(FailureKind.ExecutableNotFound)] = (ErrorCategory.ObjectNotFound, "Install kiro-cli, or name the program of the agent with -FilePath."),
            [nameof(FailureKind.ExecutableNotRunnable)] = (ErrorCategory.PermissionDenied, "Name an executable program with -FilePath, and its arguments with -ArgumentList."),
            [nameof(FailureKind.WorkingDirectoryNotFound)] = (ErrorCategory.ObjectNotFound, "Create the directory, or name another one with -WorkingDirectory."),
            [nameof(FailureKind.WorkingDirectoryNotAccessible)] = (ErrorCategory.PermissionDenied, "Grant the execute permission on the directory and the directories above it, or name another one with -WorkingDirectory."),
            [nameof(FailureKind.EnvironmentInvalid)] = (ErrorCategory.InvalidArgument, "Use names without '=' and values that are text: -Environment @{ NAME = 'value' }. The value $null removes a variable."),
            [nameof(FailureKind.EnvironmentTooLarge)] = (ErrorCategory.LimitsExceeded, "Shorten the variable that the message names, or remove it with -Environment @{ NAME = $null }."),
            [nameof(FailureKind.McpServerInvalid)] = (ErrorCategory.InvalidArgument, "Describe a server as @{ name = 'docs'; command = 'program'; args = 'a', 'b'; env = @{ NAME = 'value' } } or @{ name = 'docs'; url = 'https://...'; headers = @{ NAME = 'value' } }, or name a file .mcp.json."),
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
            [nameof(FailureKind.HostUnreachable)] = (ErrorCategory.ConnectionError, "Check the name and the network: the message shows what ssh said. The pool tries again by itself."),
            [nameof(FailureKind.HostRefused)] = (ErrorCategory.AuthenticationError, "Connect by hand once, as the message shows. Then start the pool again."),
            [nameof(FailureKind.HostLost)] = (ErrorCategory.ConnectionError, "Check what the agent has done. After FencedAt of the result the prompt can be run again."),
            [nameof(FailureKind.NotSupported)] = (ErrorCategory.NotImplemented, "Use the alternative that the message names."),
        };

    /// <summary>Makes the record of an error of the module's own.</summary>
    /// <param name="error">The error.</param>
    /// <param name="target">The user's input; null for the wrong value of the error.</param>
    public static ErrorRecord Create(KiroException error, object? target = null) =>
        Create(error, error.Id, error.Category, error.Advice, target ?? error.Target);

    /// <summary>Makes the record of a prompt that an earlier run left without a certain outcome.</summary>
    /// <param name="failure">The failure in the journal.</param>
    /// <param name="target">The user's input.</param>
    public static ErrorRecord CreateIndeterminate(PromptFailedException failure, object? target) => Create(failure, JournalIndeterminate, target, advice: null);

    /// <summary>Makes the record of a failure of the pool or an agent.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="target">The user's input; null for the wrong value of the failure.</param>
    /// <param name="prompt">The prompt that failed, as "Prompt 3 (Program.cs)"; null for a failure of the whole command.</param>
    public static ErrorRecord Create(AgentException failure, object? target = null, string? prompt = null) =>
        Create(failure, failure.Kind.ToString(), target ?? failure.Value, failure.Advice, prompt);

    /// <summary>Makes the record of an option out of its range.</summary>
    /// <param name="range">Names the option, as the parameter or without its unit.</param>
    /// <param name="command">The cmdlet of the parameter.</param>
    public static ErrorRecord Create(ArgumentOutOfRangeException range, Type command)
    {
        // The framework appends the parameter and the value, which the message names already.
        string message = range.Message.Split(" (Parameter")[0];
        string advice = range.ParamName == nameof(PoolOptions.MinSize) ? "Lower -MinSize or raise -MaxSize." : RangeAdvice(range.ParamName, command);
        return Create(new ArgumentException(message, range), $"{range.ParamName}OutOfRange", ErrorCategory.InvalidArgument, advice, range.ActualValue);
    }

    private static string RangeAdvice(string? option, Type command)
    {
        CmdletAttribute cmdlet = command.GetCustomAttribute<CmdletAttribute>()!;
        string? parameter = command.GetProperties().Select(property => property.Name).FirstOrDefault(name => name == option || name == $"{option}Sec");
        return parameter is null
            ? $"'Get-Help {cmdlet.VerbName}-{cmdlet.NounName} -Full' shows the meaning and the default of each parameter."
            : $"'Get-Help {cmdlet.VerbName}-{cmdlet.NounName} -Parameter {parameter}' shows its meaning and its default.";
    }

    private static ErrorRecord Create(AgentException failure, string id, object? target, string? advice, string? prompt = null)
    {
        (ErrorCategory category, string usual) = Failures[id];
        ErrorRecord record = Create(failure, id, category, advice ?? usual, target, prompt);

        // As records of remoting have it. PowerShell keeps such a property with the record itself.
        if (failure is PromptFailedException { Result.HostName: { } host })
            PSObject.AsPSObject(record).Properties.Add(new PSNoteProperty("PSComputerName", host));
        return record;
    }

    private static ErrorRecord Create(Exception exception, string id, ErrorCategory category, string advice, object? target, string? prompt = null)
    {
        string message = TerminalText.Harmless(exception.Message);
        return new ErrorRecord(exception, id, category, target)
        {
            ErrorDetails = new ErrorDetails(prompt is null ? message : $"{TerminalText.Harmless(prompt)}: {message}") { RecommendedAction = advice },
        };
    }
}
