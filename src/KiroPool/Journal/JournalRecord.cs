using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

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

    /// <summary>The result, but for what the next run knows better: <see cref="JournalJson.OfThisRun"/>.</summary>
    public required PromptResult Result { get; set; }

    /// <summary>The times of the result.</summary>
    public PromptTimes? Times { get; set; }

    public static JournalRecord Create(JournalKey key, PromptResult result, AgentException? failure) => new()
    {
        Key = key.Hash,
        Occurrence = key.Occurrence,
        At = DateTimeOffset.Now,
        Failure = failure?.Kind,
        Message = failure?.Message,
        Times = result.GetTimes(),
        Result = result.Content.Any(block => block.Path is not null) ? result with { Content = [.. result.Content.Select(WithoutSavedBytes)] } : result,
    };

    /// <summary>A journal does not repeat the bytes of a saved file.</summary>
    private static AnswerBlock WithoutSavedBytes(AnswerBlock block) =>
        block.Path is null
            ? block
            : new AnswerBlock { Type = block.Type, MimeType = block.MimeType, Name = block.Name, Uri = block.Uri, Text = block.Text, Size = block.Size, Path = block.Path };

    /// <summary>Restores the result with its index in the present input.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="inputObject">The present input.</param>
    /// <param name="readValue">Makes an object of the value's JSON; without it there is none.</param>
    public PromptResult ToResult(int index, object? inputObject, Func<string, object?>? readValue = null) =>
        Result.WithTimes(Times ?? new PromptTimes()) with { Index = index, InputObject = inputObject, FromJournal = true, Value = Result.ValueJson is { } json ? readValue?.Invoke(json) : null };

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

/// <summary>The JSON form of journal lines.</summary>
[JsonSerializable(typeof(JournalHeader))]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class JournalJson : JsonSerializerContext
{
    /// <summary>The properties of a result that are not written: a later run has its own.</summary>
    public static IReadOnlyList<string> OfThisRun { get; } =
    [
        nameof(KiroPool.PromptResult.Index), nameof(KiroPool.PromptResult.InputObject), nameof(KiroPool.PromptResult.FromJournal), nameof(KiroPool.PromptResult.HasAnswer), nameof(KiroPool.PromptResult.Value),
        nameof(KiroPool.PromptResult.Seconds), nameof(KiroPool.PromptResult.TurnSeconds), nameof(KiroPool.PromptResult.WaitSeconds),
        nameof(KiroPool.PromptResult.FirstTextSeconds), nameof(KiroPool.PromptResult.AgentSeconds),
    ];

    public static JsonTypeInfo<JournalHeader> Header { get; }

    public static JsonTypeInfo<JournalRecord> Record { get; }

    static JournalJson()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

            // People read journals, too: only what JSON demands is escaped.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter<FailureKind>() },
            TypeInfoResolver = Default.WithAddedModifier(LeaveOut),
        };
        Header = (JsonTypeInfo<JournalHeader>)options.GetTypeInfo(typeof(JournalHeader));
        Record = (JsonTypeInfo<JournalRecord>)options.GetTypeInfo(typeof(JournalRecord));
    }

    private static void LeaveOut(JsonTypeInfo type)
    {
        if (type.Type != typeof(KiroPool.PromptResult))
            return;
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (OfThisRun.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                property.ShouldSerialize = static (_, _) => false;
        }
    }
}
