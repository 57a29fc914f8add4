using System.Globalization;

namespace KiroPool.Formatting;

/// <summary>A number with its noun: 1 prompt, 1,200 prompts.</summary>
internal static class Amount
{
    /// <summary>The number and the noun that fits it.</summary>
    /// <param name="count">The number.</param>
    /// <param name="noun">The noun for one.</param>
    /// <param name="nouns">The noun for more; null if only an s is added.</param>
    public static string Of(long count, string noun, string? nouns = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? noun : nouns ?? noun + "s")}");
}
