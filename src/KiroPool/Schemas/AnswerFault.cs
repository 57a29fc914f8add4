namespace KiroPool.Schemas;

/// <summary>The position and reason of a mismatch between an answer and its schema.</summary>
/// <param name="Path">A JSON pointer; empty for the value as a whole.</param>
/// <param name="Message">The fault there.</param>
internal readonly record struct AnswerFault(string Path, string Message)
{
    public override string ToString() => $"{(Path.Length == 0 ? "/" : Path)}: {Message}";
}
