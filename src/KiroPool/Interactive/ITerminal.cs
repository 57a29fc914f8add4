namespace KiroPool.Interactive;

/// <summary>The terminal of the line editor.</summary>
internal interface ITerminal
{
    int Width { get; }

    int Height { get; }

    /// <summary>Whether a key is available.</summary>
    bool HasKey { get; }

    ConsoleKeyInfo ReadKey();

    /// <summary>Whether the key that was read last is part of a paste, as far as the terminal tells.</summary>
    bool IsPasting => false;

    /// <summary>Writes text and control sequences.</summary>
    void Write(string text);

    /// <summary>The width of a text in columns.</summary>
    int Cells(string text);
}
