namespace KiroPool.Engine.Kiro;

/// <summary>How kiro-cli reads a prompt.</summary>
internal static class KiroExtensions
{
    // Kiro trims white space before it looks for the slash. WORD JOINER is not white space, is invisible and changes no
    // word.
    private const string WordJoiner = "\u2060";

    /// <summary>Prevents kiro-cli from running text that begins with a slash as a command.</summary>
    public static string KeepLiteral(string text) => text.AsSpan().TrimStart().StartsWith("/") ? WordJoiner + text : text;
}
