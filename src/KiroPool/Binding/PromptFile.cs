using System.Text;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Reads files whose text is sent: prompt files and embedded files.</summary>
internal static class PromptFile
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole text of a file in UTF-8, without a byte order mark.</summary>
    /// <exception cref="KiroException">The file cannot be read, is larger than <see cref="MaxBytes"/>, or is not text.</exception>
    public static string ReadText(string path)
    {
        try
        {
            // A file can grow while it is read, so the read enforces the limit, not a check of the length.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            long length = stream.CanSeek ? stream.Length : MaxBytes;
            var bytes = new byte[Math.Min(length, MaxBytes) + 1];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count == bytes.Length && count <= MaxBytes)
            {
                Array.Resize(ref bytes, MaxBytes + 1);
                count += stream.ReadAtLeast(bytes.AsSpan(count), bytes.Length - count, throwOnEndOfStream: false);
            }

            if (count > MaxBytes)
                throw KiroException.PromptFileTooLarge(path, MaxBytes);
            return Decode(bytes.AsSpan(0, count), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KiroException.PromptFileUnreadable(path, e);
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            if (!bytes.Contains((byte)0))
                return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // Reported below.
        }

        throw KiroException.PromptFileNotText(path);
    }
}
