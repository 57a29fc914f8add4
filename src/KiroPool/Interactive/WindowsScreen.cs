using System.Runtime.InteropServices;

namespace KiroPool.Interactive;

/// <summary>
/// The console of Windows. <see cref="Console.Out"/> writes through the console's code page, which has no characters for
/// CJK text, Polish or the waiting sign, and a console obeys escape sequences only in a mode that each program can change.
/// </summary>
internal sealed partial class WindowsScreen : IDisposable
{
    private const int StandardInput = -10;
    private const int StandardOutput = -11;
    private const uint ObeysEscapes = 4;

    // The console copies the text into a buffer of limited size.
    private const int MostCharacters = 8 * 1024;

    private const ushort KeyEvent = 1;
    private const uint AltState = 1 | 2;
    private const uint ControlState = 4 | 8;
    private const uint ShiftState = 0x10;
    private const uint EnhancedState = 0x100;

    private readonly nint _input = GetStandardHandle(StandardInput);
    private readonly nint _output = GetStandardHandle(StandardOutput);
    private uint? _modeBefore;

    /// <summary>Switches escape sequences on until <see cref="Dispose"/>.</summary>
    /// <returns>Whether the console obeys them.</returns>
    public bool TryObeyEscapes()
    {
        if (GetMode(_output, out uint mode) == 0)
            return false;
        if ((mode & ObeysEscapes) != 0)
            return true;
        if (SetMode(_output, mode | ObeysEscapes) == 0)
            return false;
        _modeBefore = mode;
        return true;
    }

    /// <summary>
    /// Takes the next key if it is one that <see cref="Console.KeyAvailable"/> reports and <see cref="Console.ReadKey(bool)"/>
    /// passes over, to wait for another one: Alt with an arrow, Home, End, Page Up, Page Down or Insert. The number pad has
    /// the same keys with another state; there they are the digits of a character's number.
    /// </summary>
    public ConsoleKeyInfo? TakeAltKey()
    {
        if (PeekInput(_input, out InputRecord next, 1, out uint count) == 0 || count == 0 || !IsPassedOver(next))
            return null;
        _ = ReadInput(_input, out _, 1, out _);
        return new ConsoleKeyInfo('\0', (ConsoleKey)next.Key, (next.State & ShiftState) != 0, alt: true, (next.State & ControlState) != 0);
    }

    /// <summary>Writes text of any characters.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int length = Math.Min(text.Length, MostCharacters);
            if (length < text.Length && char.IsHighSurrogate(text[length - 1]))
                length--;
            if (WriteConsole(_output, text[..length], length, out _, 0) == 0)
                throw new IOException($"The console cannot be written (error {Marshal.GetLastPInvokeError()}).");
            text = text[length..];
        }
    }

    public void Dispose()
    {
        if (_modeBefore is { } mode)
            _ = SetMode(_output, mode);
        _modeBefore = null;
    }

    private static bool IsPassedOver(in InputRecord record) =>
        record.Type == KeyEvent && record.IsDown != 0 && (record.State & AltState) != 0 && (record.State & EnhancedState) != 0
        && (ConsoleKey)record.Key is (>= ConsoleKey.PageUp and <= ConsoleKey.DownArrow) or ConsoleKey.Insert;

    [LibraryImport("kernel32", EntryPoint = "PeekConsoleInputW")]
    private static partial int PeekInput(nint console, out InputRecord record, uint length, out uint count);

    [LibraryImport("kernel32", EntryPoint = "ReadConsoleInputW")]
    private static partial int ReadInput(nint console, out InputRecord record, uint length, out uint count);

    [LibraryImport("kernel32", EntryPoint = "GetStdHandle")]
    private static partial nint GetStandardHandle(int which);

    [LibraryImport("kernel32", EntryPoint = "GetConsoleMode")]
    private static partial int GetMode(nint console, out uint mode);

    [LibraryImport("kernel32", EntryPoint = "SetConsoleMode")]
    private static partial int SetMode(nint console, uint mode);

    [LibraryImport("kernel32", EntryPoint = "WriteConsoleW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial int WriteConsole(nint console, ReadOnlySpan<char> text, int length, out int written, nint reserved);

    /// <summary>INPUT_RECORD with a KEY_EVENT_RECORD.</summary>
    private struct InputRecord
    {
        public ushort Type;
        public ushort Padding;
        public int IsDown;
        public ushort Repeats;
        public ushort Key;
        public ushort ScanCode;
        public ushort Character;
        public uint State;
    }
}
