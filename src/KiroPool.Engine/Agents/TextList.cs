using System.Collections.ObjectModel;

namespace KiroPool.Engine.Agents;

/// <summary>A list whose text is that of its elements, so that a column of Export-Csv has text and not the name of a type.</summary>
internal sealed class TextList<T>(IList<T> list) : ReadOnlyCollection<T>(list)
{
    public static new TextList<T> Empty { get; } = new([]);

    /// <summary>The elements, separated by semicolons.</summary>
    public override string ToString() => string.Join("; ", this);
}

/// <summary>Makes lists with a text.</summary>
internal static class TextList
{
    /// <summary>The same elements; none for null.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T>? list) => list switch
    {
        null or { Count: 0 } => TextList<T>.Empty,
        TextList<T> made => made,
        IList<T> elements => new TextList<T>(elements),
        _ => new TextList<T>([.. list]),
    };
}
