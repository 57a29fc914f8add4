using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace KiroPool.Simulator;

/// <summary>
/// Escapes only what JSON demands, like the Rust of the real agent. The encoders of .NET write everything beyond the
/// basic plane as \uXXXX, and a client would never meet a four-byte UTF-8 sequence.
/// </summary>
internal sealed class KiroTextEncoder : JavaScriptEncoder
{
    public static readonly KiroTextEncoder Instance = new();

    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\', .. Enumerable.Range(0xD800, 0x800).Select(c => (char)c)]);

    public override int MaxOutputCharactersPerInputCharacter => 6;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < 0x20 or '"' or '\\';

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        ReadOnlySpan<char> span = new(text, textLength);
        for (int start = 0; start < span.Length;)
        {
            int hit = span[start..].IndexOfAny(Suspects);
            if (hit < 0)
                return -1;
            start += hit;
            if (Rune.DecodeFromUtf16(span[start..], out Rune rune, out int length) != OperationStatus.Done || WillEncode(rune.Value))
                return start;
            start += length;
        }
        return -1;
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        Span<char> target = new(buffer, bufferLength);
        if (!WillEncode(unicodeScalar))
            return new Rune(unicodeScalar).TryEncodeToUtf16(target, out numberOfCharactersWritten);
        string escape = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ => $"\\u{unicodeScalar:x4}",
        };
        numberOfCharactersWritten = escape.Length;
        return escape.TryCopyTo(target);
    }
}
