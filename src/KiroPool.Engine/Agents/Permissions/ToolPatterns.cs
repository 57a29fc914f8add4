using System.IO.Enumeration;

namespace KiroPool.Engine.Agents;

/// <summary>
/// Tells whether a tool is meant by a pattern. Only what the agent program says of a tool counts, its kind and its name;
/// never the wording of the title, which can be text of a model.
/// </summary>
internal static class ToolPatterns
{
    // kiro-cli's names of its own tools, older ones included, and the kinds ACP has for them.
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["read"] = "read",
        ["fs_read"] = "read",
        ["write"] = "edit",
        ["fs_write"] = "edit",
        ["shell"] = "execute",
        ["execute_bash"] = "execute",
        ["execute_cmd"] = "execute",
        ["grep"] = "search",
        ["glob"] = "search",
        ["web_fetch"] = "fetch",
        ["thinking"] = "think",
    };

    public static bool Any(IReadOnlyList<string> patterns, PermissionRequest request)
    {
        foreach (string pattern in patterns)
        {
            if (Matches(pattern.Trim(), request))
                return true;
        }

        return false;
    }

    /// <summary>
    /// By what "always" is remembered: the tool's name, or its kind. An unnamed tool of no particular kind is only
    /// remembered with its title, for it could be anything.
    /// </summary>
    public static string Key(PermissionRequest request) =>
        request.ToolName is { Length: > 0 } name ? "name " + name
        : request.Kind != "other" ? "kind " + request.Kind
        : "title " + request.Title;

    private static bool Matches(string pattern, PermissionRequest request)
    {
        if (pattern.Length == 0)
            return false;
        if (pattern == "*")
            return true;

        // A tool of an MCP server is known by its name only: what kind it says it is proves nothing.
        if (request.ToolName is { Length: > 0 } name)
            return Fits(pattern, name) || (pattern[0] == '@' && !pattern.Contains('/', StringComparison.Ordinal) && Fits(pattern + "/*", name)) || (name[0] != '@' && IsKind(pattern, request.Kind));
        return IsKind(pattern, request.Kind);
    }

    private static bool IsKind(string pattern, string kind) =>
        kind != "other" && ((Kinds.TryGetValue(pattern, out string? meant) && meant == kind) || pattern.Equals(kind, StringComparison.OrdinalIgnoreCase));

    private static bool Fits(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);
}
