using System.Text;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Processes;

public sealed class ProcessTextTests
{
    private static readonly Encoding Dos = ProcessText.OfCodePage(850)!;

    [Fact]
    public void Each_line_is_decoded_by_its_own_encoding()
    {
        byte[] bytes = [.. "Grüße, 日本\n"u8, .. Dos.GetBytes("Der Befehl \"nöde\" ist falsch\r\n"), .. "naïve"u8];

        Assert.Equal("Grüße, 日本\nDer Befehl \"nöde\" ist falsch\r\nnaïve", ProcessText.Decode(bytes, Dos));
    }

    [Fact]
    public void Text_that_is_cut_inside_its_first_character_stays_UTF_8()
    {
        byte[] bytes = "日本 ok\n"u8.ToArray();

        Assert.EndsWith("本 ok\n", ProcessText.Decode(bytes.AsSpan(1), Dos), StringComparison.Ordinal);
        Assert.EndsWith("本 ok\n", ProcessText.Decode(bytes.AsSpan(2), Dos), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_another_encoding_bad_bytes_become_the_replacement_character() =>
        Assert.Equal("a\uFFFDb", ProcessText.Decode([(byte)'a', 0x94, (byte)'b'], other: null));

    [Theory]
    [InlineData(65001)]
    [InlineData(1)]
    [InlineData(99999)]
    public void Code_pages_that_are_UTF_8_or_do_not_exist_give_no_other_encoding(int codePage) => Assert.Null(ProcessText.OfCodePage(codePage));
}
