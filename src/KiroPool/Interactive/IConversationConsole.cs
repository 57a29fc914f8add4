namespace KiroPool.Interactive;

/// <summary>How a piece of text looks.</summary>
internal enum TextLook
{
    /// <summary>The answer itself.</summary>
    Plain,

    /// <summary>What is not the answer: thoughts, tools, notes.</summary>
    Dim,

    /// <summary>What asks for attention.</summary>
    Bright,
}

/// <summary>Where a conversation is held: a console with a line editor, or the input and output any host has. Used on the pipeline thread alone.</summary>
internal interface IConversationConsole : IDisposable
{
    /// <summary>Columns of a line.</summary>
    int Width { get; }

    /// <summary>Whether colours are shown.</summary>
    bool HasColours { get; }

    /// <summary>Reads what the user has to say; null when they want to leave.</summary>
    /// <param name="prompt">What stands in front of the line.</param>
    /// <param name="complete">What a beginning can be completed to.</param>
    string? Read(string prompt, Func<string, IReadOnlyList<string>> complete);

    void Write(string text, TextLook look = TextLook.Plain);

    /// <summary>Shows that something is awaited; called again and again. Gone before anything else is written.</summary>
    void ShowWaiting(string what, TimeSpan since);

    /// <summary>Whether the user pressed Ctrl+C since the last call. Where the host keeps the key to itself: never.</summary>
    bool TakeCancel();

    /// <summary>Asks for one of some keys. Null when the user would not choose, or <paramref name="isOver"/> says that the question is.</summary>
    char? Choose(string question, IReadOnlyList<(char Key, string Label)> choices, Func<bool> isOver);

    void Clear();
}
