namespace KiroPool.Interactive;

/// <summary>A terminal as the line editor needs it.</summary>
internal interface ITerminal
{
    int Width { get; }

    int Height { get; }

    /// <summary>Whether a key waits to be read.</summary>
    bool HasKey { get; }

    ConsoleKeyInfo ReadKey();

    /// <summary>Writes text and control sequences.</summary>
    void Write(string text);

    /// <summary>Columns a piece of text takes.</summary>
    int Cells(string text);
}
