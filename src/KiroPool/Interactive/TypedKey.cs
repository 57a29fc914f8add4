namespace KiroPool.Interactive;

/// <summary>What a key press means.</summary>
internal static class TypedKey
{
    /// <summary>
    /// Returns a press of AltGr as the typed character. Windows reports AltGr as Control and Alt, and many layouts need it
    /// for <c>@ { } [ ] \ | ~ €</c> and for letters. A combination that types no character stays a command.
    /// </summary>
    public static ConsoleKeyInfo Fold(ConsoleKeyInfo key) =>
        IsAltGr(key) && !char.IsControl(key.KeyChar)
            ? new ConsoleKeyInfo(key.KeyChar, ConsoleKey.None, key.Modifiers.HasFlag(ConsoleModifiers.Shift), alt: false, control: false)
            : key;

    /// <summary>Whether the press is Ctrl+C. AltGr+C is not.</summary>
    public static bool IsCtrlC(ConsoleKeyInfo key) =>
        !IsAltGr(key) && (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control } || key.KeyChar == '\u0003');

    private static bool IsAltGr(ConsoleKeyInfo key) => key.Modifiers.HasFlag(ConsoleModifiers.Control | ConsoleModifiers.Alt);
}
