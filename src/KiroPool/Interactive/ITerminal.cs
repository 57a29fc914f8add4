namespace KiroPool.Interactive;

/// <summary>The terminal of the line editor.</summary>
internal interface ITerminal
{
    int Width { get; }

    int Height { get; }

    /// <summary>Whether a key is available.</summary>
    bool HasKey { get; }

    ConsoleKeyInfo ReadKey();

    /// <summary>Writes text and control sequences.</summary>
    void Write(string text);

    /// <summary>The width of a text in columns.</summary>
    int Cells(string text);
}
