using System.Runtime.InteropServices;

namespace KiroPool.Interactive;

/// <summary>
/// The console of Windows. <see cref="Console.Out"/> writes through the console's code page, which has no characters for
/// CJK text, Polish or the waiting sign, and a console obeys escape sequences only in a mode that each program can change.
/// </summary>
internal sealed partial class WindowsScreen : IDisposable
{
    private const int StandardOutput = -11;
    private const uint ObeysEscapes = 4;

    // The console copies the text into a buffer of limited size.
    private const int MostCharacters = 8 * 1024;

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

    [LibraryImport("kernel32", EntryPoint = "GetStdHandle")]
    private static partial nint GetStandardHandle(int which);

    [LibraryImport("kernel32", EntryPoint = "GetConsoleMode")]
    private static partial int GetMode(nint console, out uint mode);

    [LibraryImport("kernel32", EntryPoint = "SetConsoleMode")]
    private static partial int SetMode(nint console, uint mode);

    [LibraryImport("kernel32", EntryPoint = "WriteConsoleW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial int WriteConsole(nint console, ReadOnlySpan<char> text, int length, out int written, nint reserved);
}
