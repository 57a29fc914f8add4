namespace KiroPool.Interactive;

/// <summary>The style of a piece of text.</summary>
internal enum TextLook
{
    /// <summary>The answer itself.</summary>
    Plain,

    /// <summary>Text beside the answer: thoughts, tools, notes.</summary>
    Dim,

    /// <summary>Text that needs attention.</summary>
    Bright,
}

/// <summary>The console of a conversation: a terminal with a line editor, or the input and output of any host. Used only on the pipeline thread.</summary>
internal interface IConversationConsole : IDisposable
{
    /// <summary>Columns of a line.</summary>
    int Width { get; }

    /// <summary>The width of a text in columns.</summary>
    int Cells(string text) => text.Length;

    /// <summary>Whether colours are shown.</summary>
    bool HasColours { get; }

    /// <summary>Reads the user's text; null to leave.</summary>
    /// <param name="prompt">The text before the line.</param>
    /// <param name="complete">Returns the completions of a text.</param>
    string? Read(string prompt, Func<string, IReadOnlyList<string>> complete);

    void Write(string text, TextLook look = TextLook.Plain);

    /// <summary>Shows a waiting sign; called repeatedly. It disappears before other output.</summary>
    void ShowWaiting(string what, TimeSpan since);

    /// <summary>Shows in an unfinished line that the agent still works; called repeatedly. It disappears before other output.</summary>
    void ShowAlive(TimeSpan since)
    {
    }

    /// <summary>Whether the user pressed Ctrl+C since the last call. Always false if the host handles the key.</summary>
    bool TakeCancel();

    /// <summary>Asks for one of several keys. Null if the user does not choose, or if <paramref name="isOver"/> becomes true.</summary>
    char? Choose(string question, IReadOnlyList<(char Key, string Label)> choices, Func<bool> isOver);

    /// <summary>Reads a line that is no prompt and not kept for the arrow keys. Null if the user presses Ctrl+C, or if <paramref name="isOver"/> becomes true.</summary>
    string? Ask(string label, Func<bool> isOver);

    void Clear();
}
