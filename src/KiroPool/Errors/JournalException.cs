namespace KiroPool.Errors;

/// <summary>A journal that cannot be used. The id is one of <see cref="KiroErrors"/>.</summary>
internal sealed class JournalException(string errorId, string path, string message, Exception? inner = null) : Exception(message, inner)
{
    public string ErrorId { get; } = errorId;

    /// <summary>The path of the journal, the target of the error.</summary>
    public string Path { get; } = path;
}
