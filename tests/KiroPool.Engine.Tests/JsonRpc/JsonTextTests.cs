using System.Text;
using System.Text.Json;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Tests.JsonRpc;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("grüße € \U0001F600", "grüße € \U0001F600")]
    [InlineData(@"\""\\\/\b\f\n\r\t", "\"\\/\b\f\n\r\t")]
    [InlineData(@"\u00e9\u20AC\ud83d\ude00", "é€\U0001F600")]
    public void Valid_strings_are_decoded(string escaped, string expected) => Assert.Equal(expected, Read(escaped));

    // An attribute cannot hold half a pair, so these are no InlineData.
    public static TheoryData<string, string> Halves => new()
    {
        { @"\ud83d", "\ud83d" },
        { @"\ude00", "\ude00" },
        { @"before \ud83d", "before \ud83d" },
        { @"\ude00 behind", "\ude00 behind" },
        { @"\ude00\ud83d", "\ude00\ud83d" },
        { @"ü\n\""\\\/\b\f\r\t\u0041\uD83D", "ü\n\"\\/\b\f\r\tA\ud83d" },
    };

    [Theory]
    [MemberData(nameof(Halves), DisableDiscoveryEnumeration = true)]
    public void Half_a_surrogate_pair_is_kept(string escaped, string expected) => Assert.Equal(expected, Read(escaped));

    [Fact]
    public void The_halves_of_a_pair_that_was_cut_in_two_fit_together_again()
    {
        var text = new TextBuffer();

        Append(text, Encoding.UTF8.GetBytes("\"smile \\ud83d\""));
        Append(text, Encoding.UTF8.GetBytes("\"\\ude00!\""));

        Assert.Equal("smile \U0001F600!", text.Take());
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, 0x28 }, "\uFFFD(")]
    [InlineData(new byte[] { 0xFF }, "\uFFFD")]
    [InlineData(new byte[] { (byte)'a', 0xF0, 0x9F, 0x98 }, "a\uFFFD")]
    public void Invalid_bytes_become_replacement_characters(byte[] bytes, string expected)
    {
        var text = new TextBuffer();

        Append(text, [(byte)'"', .. bytes, (byte)'"']);

        Assert.Equal(expected, text.Take());
    }

    [Fact]
    public void Long_strings_read_the_same_as_short_ones()
    {
        string part = @"ü\n\u20ac";

        Assert.Equal(string.Concat(Enumerable.Repeat("ü\n€", 5000)), Read(string.Concat(Enumerable.Repeat(part, 5000))));
        Assert.EndsWith("€\ud83d", Read(string.Concat(Enumerable.Repeat(part, 5000)) + @"\ud83d"), StringComparison.Ordinal);
    }

    [Fact]
    public void Decoded_text_is_appended()
    {
        var text = new TextBuffer();
        text.Append("one ");

        Append(text, "\"two\""u8.ToArray());

        Assert.Equal("two", text.ToString(4));
        Assert.Equal("one two", text.Take());
        Assert.Equal("", text.Take());
    }

    private static string Read(string escaped)
    {
        var text = new TextBuffer();
        Append(text, Encoding.UTF8.GetBytes($"\"{escaped}\""));
        return text.Take();
    }

    private static void Append(TextBuffer text, byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        Assert.True(reader.Read());
        JsonText.AppendTo(text, ref reader);
    }
}
