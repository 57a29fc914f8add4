using System.Globalization;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using KiroPool.Engine.Agents;

namespace KiroPool.Errors;

/// <summary>
/// The errors of the module's own: text, category and advice of each in one method, whose name is the error id.
/// The failures of agents and pools are <see cref="AgentException"/>s.
/// </summary>
internal sealed class KiroException : InvalidOperationException
{
    private KiroException(string id, ErrorCategory category, string message, string advice, object? target, Exception? cause)
        : base(TerminalText.Harmless(message), cause)
    {
        Id = id;
        Category = category;
        Advice = advice;
        Target = target;
    }

    public string Id { get; }

    public ErrorCategory Category { get; }

    /// <summary>The remedy.</summary>
    public string Advice { get; }

    /// <summary>The wrong value; null if only the caller knows it.</summary>
    public object? Target { get; }

    public static KiroException PoolNotStarted() => New(
        ErrorCategory.ObjectNotFound,
        "This runspace has no pool. Start one with Start-KiroPool, or pass one: $pool = Start-KiroPool; … | ForEach-Object -Parallel { … -Pool $using:pool }.",
        "Start a pool with Start-KiroPool, or pass one with -Pool (in ForEach-Object -Parallel and thread jobs: -Pool $using:pool).");

    public static KiroException PoolAlreadyStarted(object pool, IEnumerable<string> differences) => New(
        ErrorCategory.ResourceExists,
        $"This runspace already has a pool with other options: {string.Join("; ", differences)}.",
        "Start-KiroPool without options returns the running pool. Stop it with Stop-KiroPool, or replace it with -Force.",
        pool);

    public static KiroException PoolFromElsewhere() => New(
        ErrorCategory.InvalidArgument,
        "This pool was started in another process.",
        "A pool lives in the process that started it. Start one where the prompts run.");

    /// <param name="what">A sentence that says what is there instead of a prompt, and an example.</param>
    public static KiroException PromptMissing(string what) => New(
        ErrorCategory.InvalidArgument,
        what,
        "Use -Prompt to say what to do with the input: … | Invoke-KiroPrompt -Prompt 'Summarise this'.");

    public static KiroException PromptEmpty(object? prompt = null) => New(
        ErrorCategory.InvalidArgument,
        "The prompt is empty.",
        "Give a prompt that is not blank; Where-Object { $_ } drops empty lines.",
        prompt);

    public static KiroException PromptFileUnreadable(string path, Exception cause) => New(
        ErrorCategory.ReadError,
        $"'{path}' could not be read: {cause.Message}",
        "Check that the file exists and that you may read it.",
        cause: cause);

    public static KiroException PromptFileTooLarge(string path, int limit) => New(
        ErrorCategory.LimitsExceeded,
        string.Create(CultureInfo.InvariantCulture, $"'{path}' is larger than {limit:N0} bytes, the limit for a file whose text is sent. Attach it instead, with -Prompt and without -Embed."),
        "Attach the file instead: … | Invoke-KiroPrompt -Prompt 'What to do with it'.");

    public static KiroException PromptFileNotText(string path) => New(
        ErrorCategory.InvalidData,
        $"'{path}' is not UTF-8 text. Attach it instead, with -Prompt and without -Embed.",
        "Attach the file instead: … | Invoke-KiroPrompt -Prompt 'What to do with it'.");

    /// <param name="reason">The end of the sentence: what the block did.</param>
    /// <param name="cause">The exception of the block.</param>
    public static KiroException PromptScriptFailed(string reason, Exception cause) => New(
        ErrorCategory.InvalidResult,
        $"The script block of -Prompt {reason}",
        "Correct the script block: its input is $_, and its output is the prompt.",
        cause: cause);

    public static KiroException PermissionHandlerFailed(string fault, object target) => New(
        ErrorCategory.InvalidOperation,
        fault,
        "Correct the handler: it returns Allow, AllowAlways or Reject, and does not wait for the pool that asks it.",
        target);

    public static KiroException InputNotSupported(string directory) => New(
        ErrorCategory.InvalidType,
        $"'{directory}' is a directory, which has no text to embed. Omit -Embed to attach it as a link.",
        "Convert the input to text first, for example with ConvertTo-Json or Out-String, or attach it without -Embed.");

    /// <param name="type">The name of the input's type.</param>
    /// <param name="size">The size in bytes, with words in front of it if it is not exact.</param>
    /// <param name="limit">The largest size, in bytes.</param>
    public static KiroException InputTooLarge(string type, string size, int limit) => New(
        ErrorCategory.LimitsExceeded,
        string.Create(CultureInfo.InvariantCulture, $"An input of type {type} is {size} bytes as text, and at most {limit:N0} (-MaxObjectSize) are sent. Choose what matters: … | Select-Object Name, Id | Invoke-KiroPrompt …"),
        "Choose the properties that matter with Select-Object, or raise -MaxObjectSize.");

    public static KiroException CollectedInputTooLarge(int limit) => New(
        ErrorCategory.LimitsExceeded,
        string.Create(CultureInfo.InvariantCulture, $"The input of one prompt is larger than {limit:N0} characters, the limit. Collected input and embedded files count."),
        "Collect less, or omit -Embed to attach files as links instead of sending their text.");

    public static KiroException PathNotFound(string message, Exception? cause = null) => New(
        ErrorCategory.ObjectNotFound,
        message,
        "Check the path. For names with brackets, use -LiteralPath.",
        cause: cause);

    public static KiroException SchemaInvalid(object schema, Exception fault) => New(
        ErrorCategory.InvalidArgument,
        fault.Message,
        "See about_KiroPool_Schemas for the forms a schema can have.",
        schema,
        fault.InnerException);

    public static KiroException SchemaMissing(string parameter) => New(
        ErrorCategory.InvalidArgument,
        $"-{parameter} needs -Schema, which makes objects of the answers.",
        "Give a schema: -Schema @{ summary = [string] } -Expand.");

    public static KiroException TooManyFailures(int failures) => New(
        ErrorCategory.LimitsExceeded,
        $"{failures} {(failures == 1 ? "prompt has" : "prompts have")} failed, as many as -MaxFailures allows. The other prompts were not run.",
        "Fix the causes of the earlier errors, or raise -MaxFailures.",
        failures);

    public static KiroException JournalPathMissing(string parameter) => New(
        ErrorCategory.InvalidArgument,
        $"-{parameter} needs -JournalPath with the journal of the batch.",
        "Name the journal of the batch with -JournalPath, for example -JournalPath batch.jsonl -Resume.");

    public static KiroException JournalExists(string path, Exception? cause) => New(
        ErrorCategory.ResourceExists,
        $"The journal '{path}' exists already. It was not overwritten. Use -Resume to continue its batch.",
        "Continue that batch with -Resume, name another file with -JournalPath, or delete the journal.",
        path,
        cause);

    public static KiroException JournalMismatch(string path, string difference) => New(
        ErrorCategory.InvalidArgument,
        $"The journal '{path}' was started with other options: {difference}.",
        "Use the options of the first run, or start another journal with -JournalPath.",
        path);

    public static KiroException JournalInUse(string path, Exception cause) => New(
        ErrorCategory.ResourceBusy,
        $"Another command is writing the journal '{path}'.",
        "Wait for the other command to end, or name another file with -JournalPath.",
        path,
        cause);

    public static KiroException JournalUnreadable(string path, Exception cause) =>
        JournalUnreadable(path, $"The journal '{path}' cannot be read: {cause.Message}", cause);

    public static KiroException JournalUnreadable(string path, string message, Exception? cause) => New(
        ErrorCategory.InvalidData,
        message,
        "Check that -JournalPath names a journal. Repair or delete the line that the message names, or start another journal.",
        path,
        cause);

    /// <param name="path">The journal.</param>
    /// <param name="what">The end of the sentence: what failed, and why.</param>
    /// <param name="cause">The failure of the system.</param>
    public static KiroException JournalWriteFailed(string path, string what, Exception? cause = null) => New(
        ErrorCategory.WriteError,
        $"The journal '{path}' {what}",
        "Free disk space or name a writable file, then repeat the command with -Resume.",
        path,
        cause);

    public static KiroException ContentNotWritten(string directory, Exception cause) => New(
        ErrorCategory.WriteError,
        $"The directory '{directory}' cannot be used for the content of answers: {cause.Message}",
        "Name a writable directory with -ContentDirectory.",
        directory,
        cause);

    public static KiroException HostInvalid(string message, object? target) => New(
        ErrorCategory.InvalidArgument,
        message,
        "Name hosts as New-PSSession does: -HostName user@host:port, or -SSHConnection @{ HostName = 'host'; Port = 22 }. Give commands as -HostCommand @{ HostName = 'box'; Command = 'docker', 'exec', '-i', 'box' }.",
        target);

    /// <param name="path">The file.</param>
    /// <param name="why">Why it cannot be sent, as a part of the sentence.</param>
    public static KiroException FileNotOnHost(string path, string why) => New(
        ErrorCategory.ObjectNotFound,
        $"'{path}' is a file of this machine, not of the hosts, and {why}. If the hosts have it, map its directory with -PathMap of Start-KiroPool.",
        "Map the directory: Start-KiroPool -PathMap @{ '/home/me/src' = '/srv/src' }, or send text of up to 1 MiB.",
        path);

    public static KiroException HostCannotPrompt(string host, Exception? cause) => New(
        ErrorCategory.InvalidOperation,
        $"The host '{host}' cannot ask for input here, so Enter-KiroSession cannot open a conversation. In scripts use Invoke-KiroPrompt.",
        "Use Enter-KiroSession in an interactive console, or Invoke-KiroPrompt in a script.",
        host,
        cause);

    private static KiroException New(
        ErrorCategory category,
        string message,
        string advice,
        object? target = null,
        Exception? cause = null,
        [CallerMemberName] string id = "") => new(id, category, message, advice, target, cause);
}
