using System.Text.Json;
using System.Text.RegularExpressions;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Acp;

/// <summary>One question of an agent whether it may use a tool, from its arrival to the one answer it gets.</summary>
internal static partial class AcpQuestion
{
    private const int LongestInput = 64 * 1024;

    /// <summary>
    /// Answers what can be answered at once; null when the handler is to be asked. Without a turn that would still be
    /// going on, the answer is <c>cancelled</c>: nobody wants the tool any more.
    /// </summary>
    public static PermissionOutcome? AnswerNow(AcpTurn? turn, PermissionQuestion question, out KiroPool.PermissionRequest? request)
    {
        request = null;
        if (turn is null)
            return PermissionOutcome.Cancelled;
        request = turn.Describe(question);
        return turn.Permissions.DecideNow(request) is { } verdict ? turn.Decide(question, verdict) : null;
    }

    /// <summary>The tool's name, where the agent says it.</summary>
    public static string? NameOf(ToolCallMessage call, string title, string kind) =>
        call.ToolName is { Length: > 0 } name ? name
        : call.Meta.ValueKind == JsonValueKind.Object && call.Meta.TryGetProperty("toolName", out JsonElement meta) && meta.ValueKind == JsonValueKind.String ? meta.GetString()
        : kind == "other" && ServerTool().IsMatch(title) ? title
        : null;

    /// <summary>What goes into the tool; null when the agent does not say.</summary>
    public static string? InputOf(ToolCallMessage call)
    {
        if (call.RawInput.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        string text = call.RawInput.GetRawText();
        return text[..TerminalText.CutAt(text, LongestInput)];
    }

    /// <summary>The whole title is the name of a server's tool, as in <c>@git/status</c>: no sentence of a model.</summary>
    [GeneratedRegex(@"^@[\w.-]+/[\w.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServerTool();
}
