namespace KiroPool.Engine.Kiro;

/// <summary>How kiro-cli reads a prompt.</summary>
internal static class KiroExtensions
{
    // Kiro trims white space before it looks for the slash. WORD JOINER is not white space, is invisible and changes no
    // word.
    private const string WordJoiner = "\u2060";

    /// <summary>Keeps a text that begins with a slash from being run as one of kiro-cli's commands.</summary>
    public static string KeepLiteral(string text) => text.AsSpan().TrimStart().StartsWith("/") ? WordJoiner + text : text;
}
