using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KiroPool.Journal;

/// <summary>One line of a journal: the outcome of one prompt.</summary>
internal sealed record JournalRecord
{
    /// <summary>The key of the prompt: see <see cref="JournalKey"/>.</summary>
    public required string Key { get; set; }

    /// <summary>The number among prompts with the same key, from 0.</summary>
    public int Occurrence { get; set; }

    /// <summary>When the outcome was written.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>The kind of its failure; null if it completed.</summary>
    public FailureKind? Failure { get; set; }

    /// <summary>The failure's message.</summary>
    public string? Message { get; set; }

    /// <summary>The result without its index and input, which the next run supplies.</summary>
    public required JournalResult Result { get; set; }

    public static JournalRecord Create(JournalKey key, PromptResult result, AgentException? failure) => new()
    {
        Key = key.Hash,
        Occurrence = key.Occurrence,
        At = DateTimeOffset.Now,
        Failure = failure?.Kind,
        Message = failure?.Message,
        Result = JournalResult.Create(result),
    };

    /// <summary>Restores the failure, if there is one, as the outcome of an earlier run.</summary>
    /// <param name="result">The restored result.</param>
    public PromptFailedException? ToFailure(PromptResult result)
    {
        if (result.Outcome == nameof(PromptOutcome.Completed))
            return null;
        string message = $"Prompt {result.Index} was not run again: it ended {result.Outcome} in an earlier run, so the agent may have done the work. {Message}";
        return new PromptFailedException(result, new AgentException(Failure ?? FailureKind.AgentDied, message));
    }
}

/// <summary>A <see cref="PromptResult"/> in the journal.</summary>
internal sealed record JournalResult
{
    public required string Prompt { get; set; }

    public required string Outcome { get; set; }

    public string? StopReason { get; set; }

    public TimeSpan Duration { get; set; }

    public TimeSpan QueuedFor { get; set; }

    public TimeSpan SessionWait { get; set; }

    public TimeSpan? TimeToFirstText { get; set; }

    public TimeSpan? AgentDuration { get; set; }

    public bool Reused { get; set; }

    public int? ProcessId { get; set; }

    public string? SessionId { get; set; }

    public string? Agent { get; set; }

    public string? Model { get; set; }

    public bool ModelVerified { get; set; }

    public required string WorkingDirectory { get; set; }

    public decimal? Credits { get; set; }

    public double? ContextPercent { get; set; }

    public IReadOnlyList<ToolCall> ToolCalls { get; set; } = [];

    public string Text { get; set; } = "";

    public string? RawText { get; set; }

    public string? ErrorText { get; set; }

    public int? ExitCode { get; set; }

    public string? Session { get; set; }

    public bool Resumed { get; set; }

    public bool StartedAfresh { get; set; }

    public static JournalResult Create(PromptResult result) => new()
    {
        Prompt = result.Prompt,
        Text = result.Text,
        Outcome = result.Outcome,
        StopReason = result.StopReason,
        Duration = result.Duration,
        QueuedFor = result.QueuedFor,
        SessionWait = result.SessionWait,
        TimeToFirstText = result.TimeToFirstText,
        AgentDuration = result.AgentDuration,
        Reused = result.Reused,
        ProcessId = result.ProcessId,
        SessionId = result.SessionId,
        Agent = result.Agent,
        Model = result.Model,
        ModelVerified = result.ModelVerified,
        WorkingDirectory = result.WorkingDirectory,
        Credits = result.Credits,
        ContextPercent = result.ContextPercent,
        ToolCalls = result.ToolCalls,
        RawText = result.RawText,
        ErrorText = result.ErrorText,
        ExitCode = result.ExitCode,
        Session = result.Session,
        Resumed = result.Resumed,
        StartedAfresh = result.StartedAfresh,
    };

    /// <summary>Restores the result with its index in the present input.</summary>
    public PromptResult ToResult(int index, object? inputObject) => new()
    {
        Index = index,
        InputObject = inputObject,
        FromJournal = true,
        Prompt = Prompt,
        Text = Text,
        Outcome = Outcome,
        StopReason = StopReason,
        Duration = Duration,
        QueuedFor = QueuedFor,
        SessionWait = SessionWait,
        TimeToFirstText = TimeToFirstText,
        AgentDuration = AgentDuration,
        Reused = Reused,
        ProcessId = ProcessId,
        SessionId = SessionId,
        Agent = Agent,
        Model = Model,
        ModelVerified = ModelVerified,
        WorkingDirectory = WorkingDirectory,
        Credits = Credits,
        ContextPercent = ContextPercent,
        ToolCalls = ToolCalls,
        RawText = RawText,
        ErrorText = ErrorText,
        ExitCode = ExitCode,
        Session = Session,
        Resumed = Resumed,
        StartedAfresh = StartedAfresh,
    };
}

/// <summary>The JSON form of journal lines. Properties have plain setters, because the generator overwrites the initial values of init-only ones.</summary>
[JsonSerializable(typeof(JournalHeader))]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class JournalJson : JsonSerializerContext
{
    /// <summary>Escapes only what JSON requires, to keep journals readable.</summary>
    public static JournalJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<FailureKind>() },
    });
}
