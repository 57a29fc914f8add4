using System.IO.Enumeration;

namespace KiroPool.Engine.Agents;

/// <summary>
/// Matches tools against patterns. Only kind and name count, which come from the agent program. The title never counts,
/// because a model may have written it.
/// </summary>
internal static class ToolPatterns
{
    // The names of kiro-cli's own tools, including older ones, and the ACP kinds for them.
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
    /// The key under which "always" is remembered: the name of the tool, or its kind. An unnamed tool of the kind "other" is
    /// remembered with its title, because it could be any tool.
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

        // A tool of an MCP server matches only by name. Its kind is the server's claim.
        if (request.ToolName is { Length: > 0 } name)
            return Fits(pattern, name) || (pattern[0] == '@' && !pattern.Contains('/', StringComparison.Ordinal) && Fits(pattern + "/*", name)) || (name[0] != '@' && IsKind(pattern, request.Kind));
        return IsKind(pattern, request.Kind);
    }

    private static bool IsKind(string pattern, string kind) =>
        kind != "other" && ((Kinds.TryGetValue(pattern, out string? meant) && meant == kind) || pattern.Equals(kind, StringComparison.OrdinalIgnoreCase));

    private static bool Fits(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);
}
