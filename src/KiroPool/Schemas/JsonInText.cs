using System.Text;
using System.Text.Json;

namespace KiroPool.Schemas;

/// <summary>Finds JSON in an answer: fenced or not, with words around it, or several values in a row.</summary>
internal static class JsonInText
{
    // The depth limit of System.Text.Json.
    private const int DeepestLevel = 64;

    private const string Fence = "```";

    /// <summary>The complete JSON values of a text, the last one first. Values inside another value do not count.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="scalars">Whether scalars count if they are alone in the text, in a line or between fences.</param>
    public static IEnumerable<string> Values(string text, bool scalars)
    {
        foreach (string value in Enumerable.Reverse(Containers(text)))
            yield return value;
        if (!scalars)
            yield break;
        if (IsWhole(text.Trim()))
            yield return text.Trim();
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in Enumerable.Reverse(lines).Where(line => !line.StartsWith(Fence, StringComparison.Ordinal) && IsWhole(line)))
            yield return line;
    }

    private static List<string> Containers(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var found = new List<string>();
        int position = 0;
        while (true)
        {
            int next = bytes.AsSpan(position).IndexOfAny((byte)'{', (byte)'[');
            if (next < 0)
                return found;
            position += next;
            int length = LengthOfValue(bytes.AsSpan(position));
            if (length > 0)
                found.Add(Encoding.UTF8.GetString(bytes, position, length));

            // This bracket does not start a value. The next one may.
            position += Math.Max(length, 1);
        }
    }

    /// <summary>The length of the JSON value at the start of the text; 0 if there is none.</summary>
    private static int LengthOfValue(ReadOnlySpan<byte> text)
    {
        int length = text[0] is (byte)'{' or (byte)'[' ? LengthOfBrackets(text) : text.Length;
        if (length == 0)
            return 0;
        try
        {
            var reader = new Utf8JsonReader(text[..length]);
            reader.Read();
            reader.Skip();
            return reader.BytesConsumed == length ? length : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    /// <summary>
    /// The length up to the bracket that closes the first one; 0 without one. Each failed parse would throw, and a large text
    /// may have very many brackets.
    /// </summary>
    private static int LengthOfBrackets(ReadOnlySpan<byte> text)
    {
        if (!MayBegin(text[0], text[1..].TrimStart(" \t\r\n"u8)))
            return 0;
        Span<byte> open = stackalloc byte[DeepestLevel];
        int level = 0;
        bool isInText = false;
        for (int i = 0; i < text.Length; i++)
        {
            byte letter = text[i];
            if (isInText)
            {
                if (letter == '\\')
                    i++;
                else if (letter == '"')
                    isInText = false;
                else if (letter < ' ')
                    return 0;
            }
            else if (letter == '"')
            {
                isInText = true;
            }
            else if (letter is (byte)'{' or (byte)'[')
            {
                if (level == DeepestLevel)
                    return 0;
                open[level++] = letter;
            }
            else if (letter is (byte)'}' or (byte)']')
            {
                if (open[--level] != letter - 2)
                    return 0;
                if (level == 0)
                    return i + 1;
            }
        }

        return 0;
    }

    // In ASCII the code of the closing bracket is the opening one plus two.
    private static bool MayBegin(byte bracket, ReadOnlySpan<byte> inside) =>
        inside.Length > 0
        && (inside[0] == bracket + 2
            || inside[0] == '"'
            || (bracket == '[' && (inside[0] is (byte)'{' or (byte)'[' or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n' or (>= (byte)'0' and <= (byte)'9'))));

    private static bool IsWhole(string text)
    {
        if (text.Length == 0 || text[0] is '{' or '[')
            return false;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return LengthOfValue(bytes) == bytes.Length;
    }
}
