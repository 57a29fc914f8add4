using System.Text.Json;
using System.Text.RegularExpressions;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Acp;

/// <summary>One permission question of an agent, from its arrival to its single answer.</summary>
internal static partial class AcpQuestion
{
    private const int LongestInput = 64 * 1024;

    /// <summary>
    /// Returns the immediate answer; null if the handler must be asked. Without a running turn the answer is
    /// <c>cancelled</c>.
    /// </summary>
    public static PermissionOutcome? AnswerNow(AcpTurn? turn, PermissionQuestion question, out KiroPool.PermissionRequest? request)
    {
        request = null;
        if (turn is null)
            return PermissionOutcome.Cancelled;
        request = turn.Describe(question);
        return turn.Permissions.DecideNow(request) is { } verdict ? turn.Decide(question, verdict) : null;
    }

    /// <summary>The name of the tool, if the agent gives it.</summary>
    public static string? NameOf(ToolCallMessage call, string title, string kind) =>
        call.ToolName is { Length: > 0 } name ? name
        : call.Meta.ValueKind == JsonValueKind.Object && call.Meta.TryGetProperty("toolName", out JsonElement meta) && meta.ValueKind == JsonValueKind.String ? meta.GetString()
        : kind == "other" && ServerTool().IsMatch(title) ? title
        : null;

    /// <summary>The input of the tool; null if the agent does not send it.</summary>
    public static string? InputOf(ToolCallMessage call)
    {
        if (call.RawInput.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        string text = call.RawInput.GetRawText();
        return text[..TerminalText.CutAt(text, LongestInput)];
    }

    /// <summary>Whether the whole title is the name of a server's tool, such as <c>@git/status</c>, and not a sentence.</summary>
    [GeneratedRegex(@"^@[\w.-]+/[\w.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServerTool();
}
