using System.Text.Json;
using System.Text.RegularExpressions;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Kiro;

/// <summary>The parts of an agent's error that decide its kind.</summary>
/// <param name="Code">The JSON-RPC code.</param>
/// <param name="Text">The sentence.</param>
/// <param name="Type">The <c>errorType</c> of V3; null without one.</param>
/// <param name="RetryType">The <c>retryErrorType</c> of V3: THROTTLING, TRANSIENT, SERVER_ERROR, CLIENT_ERROR.</param>
/// <param name="Status">The HTTP status of the service behind the agent, if the agent passes it on.</param>
internal readonly partial record struct AgentError(int Code, string Text, string? Type = null, string? RetryType = null, int? Status = null)
{
    /// <summary>ACP's "authentication required". V3 uses it for every error.</summary>
    public const int AuthenticationRequired = -32000;

    private static readonly string[] StatusNames = ["status", "statusCode", "httpStatusCode", "httpStatus", "code"];

    public static AgentError Of(JsonRpcException error)
    {
        JsonElement data = error.Details;
        return new AgentError(error.Code, error.Message, TextOf(data, "errorType"), TextOf(data, "retryErrorType"), StatusOf(error.Code) ?? StatusOf(data));
    }

    /// <summary>Converts an error to a failure.</summary>
    /// <param name="error">The agent's error.</param>
    /// <param name="doing">The interrupted action, for the message.</param>
    /// <param name="dialect">The meaning of the agent's errors.</param>
    /// <param name="model">The model in force, for a failure about the model.</param>
    public static AgentException ToFailure(JsonRpcException error, string doing, AgentDialect dialect, string? model = null)
    {
        AgentError what = Of(error);
        return what.ToFailure(dialect.Classify(what), doing, model, error);
    }

    /// <inheritdoc cref="ToFailure(JsonRpcException, string, AgentDialect, string?)"/>
    public AgentException ToFailure(FailureKind kind, string doing, string? model, Exception? cause)
    {
        string end = Text.EndsWith('.') ? "" : ".";
        return new AgentException(kind, $"The agent failed {doing}: {Text}{end}", cause)
        {
            Value = kind == FailureKind.ModelNotFound ? (Model().Match(Text) is { Success: true } named ? named.Groups[1].Value : model) : null,
        };
    }

    private static int? StatusOf(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object)
            return null;
        foreach (string name in StatusNames)
        {
            if (data.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && StatusOf(number) is { } status)
                return status;
        }

        return data.TryGetProperty("$metadata", out JsonElement metadata) || data.TryGetProperty("error", out metadata) ? StatusOf(metadata) : null;
    }

    /// <summary>Codes of JSON-RPC itself are negative.</summary>
    private static int? StatusOf(int code) => code is >= 400 and < 600 ? code : null;

    private static string? TextOf(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    [GeneratedRegex("""^The model ['"]([^'"]+)['"]""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Model();
}
