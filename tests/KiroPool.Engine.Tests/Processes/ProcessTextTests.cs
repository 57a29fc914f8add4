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

        Assert.Equal("Grüße, 日本\nDer Befehl \"nöde\" ist falsch\r\nnaïve", ProcessText.Decode(bytes, Dos, mayBeCut: true));
    }

    [Fact]
    public void Text_that_is_cut_inside_its_first_character_stays_UTF_8()
    {
        byte[] bytes = "日本 ok\n"u8.ToArray();

        Assert.EndsWith("本 ok\n", ProcessText.Decode(bytes.AsSpan(1), Dos, mayBeCut: true), StringComparison.Ordinal);
        Assert.EndsWith("本 ok\n", ProcessText.Decode(bytes.AsSpan(2), Dos, mayBeCut: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_text_that_begins_with_another_encoding_is_not_taken_for_cut() =>
        Assert.Equal("Ärger\n", ProcessText.Decode(Dos.GetBytes("Ärger\n"), Dos, mayBeCut: false));

    [Theory]
    [InlineData("", 0)]
    [InlineData("6162", 0)]
    [InlineData("C3A9", 0)]
    [InlineData("61C3", 1)]
    [InlineData("61E697", 2)]
    [InlineData("F09F98", 3)]
    [InlineData("F09F9880", 0)]
    [InlineData("84", 0)]
    public void The_beginning_of_a_character_at_the_end_is_found(string bytes, int length) =>
        Assert.Equal(length, ProcessText.BegunLength(Convert.FromHexString(bytes)));

    [Fact]
    public void Without_another_encoding_bad_bytes_become_the_replacement_character() =>
        Assert.Equal("a\uFFFDb", ProcessText.Decode([(byte)'a', 0x94, (byte)'b'], other: null, mayBeCut: false));

    [Theory]
    [InlineData(65001)]
    [InlineData(1)]
    [InlineData(99999)]
    public void Code_pages_that_are_UTF_8_or_do_not_exist_give_no_other_encoding(int codePage) => Assert.Null(ProcessText.OfCodePage(codePage));
}
