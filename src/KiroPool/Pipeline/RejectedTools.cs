using KiroPool.Formatting;

namespace KiroPool.Pipeline;

/// <summary>Describes the tools that were rejected because nothing allowed them, with the switch that allows them.</summary>
internal static class RejectedTools
{
    private const int Most = 3;

    /// <summary>Two sentences.</summary>
    public static string Describe(IEnumerable<ToolCall> calls)
    {
        ToolCall[] rejected = [.. calls.Where(call => call is { Permission: "Rejected", DecidedBy: "Nobody" })];
        string[] tools = [.. rejected.Select(call => $"{WordFor(call)} ({Display.Line(call.Title, 60)})").Distinct()];
        string[] words = [.. rejected.Select(WordFor).Where(word => word != "other").Distinct()];
        string more = tools.Length > Most ? $" and {tools.Length - Most} more" : "";
        string remedy = words.Length == 0 ? "-TrustAllTools" : $"-TrustTools {string.Join(", ", words)}";
        return $"tools were rejected because they are not trusted: {string.Join(", ", tools.Take(Most))}{more}. {remedy} allows them.";
    }

    /// <summary>The word that -TrustTools takes for a tool: kiro-cli's own for its kinds.</summary>
    private static string WordFor(ToolCall call) => call.Kind switch
    {
        "execute" => "shell",
        "edit" => "write",
        var kind => Display.Line(kind, 40),
    };
}
