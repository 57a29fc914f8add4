using System.Text.Json;
using System.Text.RegularExpressions;

namespace KiroPool.Engine.Acp;

/// <summary>
/// The name and the kind of a tool, from the different places where agents send them. A title alone is not trusted, because
/// the model can write it.
/// </summary>
internal static partial class AcpToolName
{
    // The capabilities in the consents of V3, with the kind of tool that needs each.
    private static readonly Dictionary<string, string> KindsOfCapabilities = new(StringComparer.Ordinal)
    {
        ["fs_read"] = "read",
        ["fs_write"] = "edit",
        ["shell"] = "execute",
        ["web_fetch"] = "fetch",
        ["web_search"] = "search",
    };

    /// <summary>The name: the standard's, the tool id of V3, or the name of V2 with its server, such as <c>@git/status</c>; null for none.</summary>
    /// <param name="call">The tool call.</param>
    /// <param name="title">The present title.</param>
    /// <param name="kind">The present kind.</param>
    /// <param name="question">The <c>_meta</c> of the permission request, where V3 sends more.</param>
    public static string? Of(ToolCallMessage call, string title, string kind, JsonElement question = default)
    {
        JsonElement kiro = Member(call.Meta, "kiro"), asked = Member(question, "kiro");
        if (Text(Member(asked, "consent"), "capability") == "mcp" && Text(Member(asked, "consent"), "resource") is { } resource && Resource().IsMatch(resource))
            return "@" + resource;
        string? name = NonEmpty(call.Name)
            ?? Text(asked, "toolId") ?? Text(kiro, "toolId")
            ?? NonEmpty(call.ToolName) ?? Text(kiro, "toolName") ?? Text(call.Meta, "toolName");
        string? server = NonEmpty(call.McpServerName) ?? Text(kiro, "mcpServerName") ?? Text(call.Meta, "mcpServerName");
        return name is not null && server is not null && name[0] != '@' ? $"@{server}/{name}"
            : name ?? (kind == "other" && ServerTool().IsMatch(title) ? title : null);
    }

    /// <summary>The kind that the capability of a permission request implies; null for none.</summary>
    public static string? KindOf(JsonElement question) =>
        Text(Member(Member(question, "kiro"), "consent"), "capability") is { } capability ? KindsOfCapabilities.GetValueOrDefault(capability) : null;

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Text(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } value ? NonEmpty(value.GetString()) : null;

    /// <summary>Whether the whole title is the name of a server's tool, such as <c>@git/status</c>, and not a sentence.</summary>
    [GeneratedRegex(@"^@[\w.-]+/[\w.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServerTool();

    [GeneratedRegex(@"^[\w.-]+/[\w.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Resource();
}
