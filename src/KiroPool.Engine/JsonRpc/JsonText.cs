using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// Decodes JSON strings of agents. An agent written in JavaScript may cut a chunk between the two halves of a surrogate
/// pair. The .NET reader refuses such a string, although the halves fit together again in the answer.
/// </summary>
internal static class JsonText
{
    /// <summary>Appends the string at the reader's position.</summary>
    public static void AppendTo(TextBuffer target, ref Utf8JsonReader reader)
    {
        // UTF-8 never has fewer bytes than UTF-16 has units, and no escape is shorter than its character.
        Span<char> room = target.GetSpan(reader.ValueSpan.Length);
        try
        {
            target.Advance(reader.CopyString(room));
        }
        catch (InvalidOperationException)
        {
            AppendLeniently(target, reader.ValueSpan);
        }
    }

    private static void AppendLeniently(TextBuffer target, ReadOnlySpan<byte> escaped)
    {
        while (!escaped.IsEmpty)
        {
            int backslash = escaped.IndexOf((byte)'\\');
            if (backslash != 0)
            {
                ReadOnlySpan<byte> plain = backslash < 0 ? escaped : escaped[..backslash];
                target.Append(Encoding.UTF8.GetString(plain));
                escaped = escaped[plain.Length..];
                continue;
            }

            // The JSON reader has checked the syntax, so a valid escape follows the backslash.
            int used = 2;
            target.Append((char)escaped[1] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => Unit(escaped, out used),
                var other => other,
            });
            escaped = escaped[used..];
        }
    }

    private static char Unit(ReadOnlySpan<byte> escaped, out int used)
    {
        used = 6;
        return (char)ushort.Parse(escaped.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
