using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace KiroPool.Engine.Processes;

/// <summary>The text that processes write. Agents write UTF-8; on Windows, cmd.exe writes its messages in the code page of the console.</summary>
internal static partial class ProcessText
{
    /// <summary>The encoding of the console of this system, if it is not UTF-8; null otherwise.</summary>
    public static Encoding? SystemEncoding { get; } = OperatingSystem.IsWindows() ? OfCodePage((int)GetConsoleCodePage()) : null;

    /// <summary>The encoding of a code page; null for UTF-8 and for pages that do not exist.</summary>
    public static Encoding? OfCodePage(int codePage) =>
        codePage == Encoding.UTF8.CodePage ? null : CodePagesEncodingProvider.Instance.GetEncoding(codePage);

    /// <summary>Decodes line by line: the lines that are not UTF-8 are in the other encoding.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="other">The other encoding; null if there is none.</param>
    /// <param name="mayBeCut">Whether the first character may have lost its beginning.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, Encoding? other, bool mayBeCut)
    {
        if (other is null || Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            int length = bytes.IndexOf((byte)'\n') is >= 0 and var newline ? newline + 1 : bytes.Length;
            ReadOnlySpan<byte> line = bytes[..length];
            bytes = bytes[length..];
            text.Append((IsUtf8(line, mayBeCut && text.Length == 0) ? Encoding.UTF8 : other).GetString(line));
        }

        return text.ToString();
    }

    /// <summary>The number of bytes at the end that begin a character of UTF-8 and do not complete it.</summary>
    public static int BegunLength(ReadOnlySpan<byte> bytes)
    {
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            if (Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData)
                return length;
        }

        return 0;
    }

    private static bool IsUtf8(ReadOnlySpan<byte> line, bool mayBeCut)
    {
        // The rest of a cut character has at most three bytes.
        for (int rest = 0; mayBeCut && rest < 3 && line.Length > 0 && (line[0] & 0xC0) == 0x80; rest++)
            line = line[1..];
        return Utf8.IsValid(line);
    }

    [LibraryImport("kernel32", EntryPoint = "GetOEMCP")]
    private static partial uint GetConsoleCodePage();
}
