using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>The models of the account, from <c>kiro-cli chat --list-models</c>.</summary>
public static class KiroModelList
{
    /// <summary>Asks kiro-cli for the models.</summary>
    /// <param name="spec">The agent; program, directory and environment count.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The models in kiro-cli's order.</returns>
    /// <exception cref="AgentException">kiro-cli could not be run, did not answer in time, or did not answer with a list.</exception>
    public static Task<IReadOnlyList<KiroModel>> ReadAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time = null, CancellationToken cancellationToken = default) =>
        ReadAsync(spec, limit, time ?? TimeProvider.System, LocalStarter.Instance, cancellationToken);

    /// <summary>The same on the host of a starter.</summary>
    internal static async Task<IReadOnlyList<KiroModel>> ReadAsync(AgentSpec spec, TimeSpan limit, TimeProvider time, IAgentStarter starter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        InquiryAnswer answer = await KiroInquiry.RunAsync(spec, ["chat", "--list-models", "--format", "json"], limit, time, starter, cancellationToken).ConfigureAwait(false)
            ?? throw new AgentException(FailureKind.AgentStartTimedOut, $"'{Path.GetFileName(spec.Executable)}' did not list its models within {limit.TotalSeconds:0.#} s.");
        if (answer.ExitCode != 0)
        {
            throw new AgentException(
                KnownFailure.OfAccount(answer.ErrorText) ?? FailureKind.AgentError,
                $"'{Path.GetFileName(spec.Executable)}' did not list its models (exit code {answer.ExitCode}). {StderrTail.Quote(answer.ErrorText)}");
        }

        return Parse(answer.Output);
    }

    /// <summary>Reads a list. Banners around it and unknown properties are skipped.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.ProtocolViolation"/>: there is no list.</exception>
    internal static IReadOnlyList<KiroModel> Parse(string output)
    {
        int start = output.IndexOf('{', StringComparison.Ordinal);
        int end = output.LastIndexOf('}');
        try
        {
            using var json = JsonDocument.Parse(start >= 0 && end > start ? output.AsMemory(start, end - start + 1) : default);
            string? standard = Text(json.RootElement, "default_model");
            return
            [
                .. json.RootElement.GetProperty("models").EnumerateArray()
                    .Where(model => model.ValueKind == JsonValueKind.Object && Text(model, "model_id") is not null)
                    .Select(model => Read(model, standard)),
            ];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AgentException(FailureKind.ProtocolViolation, "kiro-cli did not answer with a readable list of models.", e);
        }
    }

    private static KiroModel Read(JsonElement model, string? standard) => new()
    {
        Id = Text(model, "model_id")!,
        Name = Text(model, "model_name"),
        Description = Text(model, "description"),
        ContextTokens = Number(model, "context_window_tokens") is { } tokens ? (long)tokens : null,
        Rate = Number(model, "rate_multiplier"),
        RateUnit = Text(model, "rate_unit"),
        IsDefault = Text(model, "model_id") == standard,
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static decimal? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) ? number : null;
}
