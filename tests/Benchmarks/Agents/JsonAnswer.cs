using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace KiroPool.Benchmarks.Agents;

/// <summary>An answer that is a JSON object of a size. The prompt names the size, and the instant agent reads it from there.</summary>
internal static class JsonAnswer
{
    private const string Item = """{\"severity\":\"high\",\"summary\":\"The disk of the first host is full.\",\"hosts\":[\"web1\",\"web2\"]}""";

    private static readonly Dictionary<int, byte[]> Texts = [];

    public static string PromptFor(int bytes) => string.Create(CultureInfo.InvariantCulture, $"json {bytes} bytes");

    /// <summary>The text as JSON has it in a string; null if the prompt asks for no JSON.</summary>
    public static byte[]? For(ReadOnlySpan<byte> prompt)
    {
        if (!prompt.StartsWith("json "u8) || !Utf8Parser.TryParse(prompt["json ".Length..], out int bytes, out _))
            return null;
        if (!Texts.TryGetValue(bytes, out byte[]? text))
            Texts.Add(bytes, text = Encoding.ASCII.GetBytes(Of(bytes)));
        return text;
    }

    // The escapes are not part of the answer.
    private static string Of(int bytes)
    {
        const int Escapes = 14;
        var text = new StringBuilder("{\\\"findings\\\":[").Append(Item);
        for (int size = 2 * (Item.Length - Escapes); size < bytes; size += Item.Length - Escapes + 1)
            text.Append(',').Append(Item);
        return text.Append("]}").ToString();
    }
}
