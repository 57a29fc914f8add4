namespace KiroPool.Schemas;

/// <summary>Where and why an answer does not fit its schema.</summary>
/// <param name="Path">A JSON pointer; empty for the value as a whole.</param>
/// <param name="Message">What is wrong there.</param>
internal readonly record struct AnswerFault(string Path, string Message)
{
    public override string ToString() => $"{(Path.Length == 0 ? "/" : Path)}: {Message}";
}
