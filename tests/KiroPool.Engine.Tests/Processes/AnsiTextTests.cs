using System.Text;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes;

public sealed class AnsiTextTests
{
    // Control codes as terminals know them; none is text.
    private static readonly string[] Codes =
    [
        "\u001b[0m", "\u001b[m", "\u001b[38;5;141m", "\u001b[?25l", "\u001b[2K", "\u001b[1G", "\u001b[10;20H", "\u001b[1 q", "\u009b31m",
        "\u001b]0;title\u0007", "\u001b]8;;https://example.com\u001b\\", "\u009d0;title\u009c", "\u001bP1$r0m\u001b\\", "\u001b_app\u001b\\",
        "\u001bc", "\u001b7", "\u001b(B", "\u001b#8", "\u0007", "\b", "\u007f", "\u0085",
    ];

    private static readonly string[] Words = ["a", "Zürich", "日本", "😀", "1>2", ">", "[0m", "]8;;", "x\ny", "tab\there", "end."];

    [Theory]
    [InlineData("\u001b[38;5;141m> \u001b[0mHello\u001b[m\n", "Hello")]
    [InlineData("\n\n> Hello", "Hello")]
    [InlineData(">Hello", ">Hello")]
    [InlineData("> > a quotation", "> a quotation")]
    [InlineData("a\n> b", "a\n> b")]
    [InlineData("1 > 0", "1 > 0")]
    [InlineData("> ", "")]
    [InlineData(" \r\n\t", "")]
    [InlineData("one\r\ntwo\r\n", "one\ntwo")]
    [InlineData("10%\r20%", "10%\n20%")]
    [InlineData("one\r\u001b[K\ntwo", "one\ntwo")]
    [InlineData("\u001b]8;;https://example.com\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001b[31mred\u001b[39m and \u001b[1mbold\u001b[0m", "red and bold")]
    [InlineData("\u001b]0;never ended\nanswer", "answer")]
    [InlineData("\u001b[31\u001b[0mrestarted", "restarted")]
    [InlineData("a\u001b", "a")]
    [InlineData("one\n\n  two  \n\n", "one\n\n  two")]
    public void Only_text_remains(string raw, string text)
    {
        (string found, string pieces, string kept) = Read(Encoding.UTF8.GetBytes(raw), _ => int.MaxValue);

        Assert.Equal((text, text, raw), (found, pieces, kept));
    }

    [Fact]
    public void Invalid_UTF8_becomes_replacement_characters_and_hides_no_text()
    {
        (string text, _, string raw) = Read([(byte)'a', 0xC3, (byte)'b', 0x80, (byte)'c', 0xE2, 0x82], _ => int.MaxValue);

        Assert.Equal("a\uFFFDb\uFFFDc\uFFFD", text);
        Assert.Equal(text, raw);
    }

    /// <summary>Any bytes, split anywhere, give the same text, and the joined pieces are that text.</summary>
    [Theory]
    [MemberData(nameof(SeedsOfRuns))]
    public void Bytes_may_be_split_anywhere(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 200; run++)
        {
            var raw = new StringBuilder(random.Next(2) == 0 ? "" : Codes[random.Next(Codes.Length)] + "> ");
            var text = new StringBuilder();
            for (int i = random.Next(1, 20); i > 0; i--)
            {
                string word = Words[random.Next(Words.Length)];
                raw.Append(random.Next(2) == 0 ? Codes[random.Next(Codes.Length)] : "").Append('w').Append(word).Append(random.Next(3) == 0 ? Codes[random.Next(Codes.Length)] : "").Append(' ');
                text.Append('w').Append(word).Append(' ');
            }

            byte[] bytes = Encoding.UTF8.GetBytes(raw.ToString());
            (string found, string pieces, string kept) = Read(bytes, left => random.Next(1, Math.Min(left, 5) + 1));

            Assert.Equal(text.ToString().Trim(), found);
            Assert.Equal(found, pieces);
            Assert.Equal(raw.ToString(), kept);
        }
    }

    /// <summary>Random bytes never cause an error, and splitting changes nothing.</summary>
    [Theory]
    [MemberData(nameof(SeedsOfRuns))]
    public void Whole_and_split_input_give_the_same_text(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 200; run++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = random.Next(3) == 0 ? "\u001b[]>\\ \r\n"u8[random.Next(8)] : bytes[i];
            var whole = Read(bytes, _ => int.MaxValue);
            var split = Read(bytes, _ => 1);

            Assert.Equal(whole, split);
            Assert.Equal(whole.Text, whole.Pieces);
            Assert.DoesNotContain('\u001b', whole.Text);
        }
    }

    public static TheoryData<int> SeedsOfRuns => Seeds.Take(usual: 5, full: 200);

    private static (string Text, string Pieces, string Raw) Read(byte[] bytes, Func<int, int> take)
    {
        var ansi = new AnsiText();
        var pieces = new StringBuilder();
        for (int at = 0; at < bytes.Length;)
        {
            int count = Math.Min(take(bytes.Length - at), bytes.Length - at);
            pieces.Append(ansi.Append(bytes.AsSpan(at, count)));
            at += count;
        }

        pieces.Append(ansi.Complete());
        return (ansi.Text, pieces.ToString(), ansi.RawText);
    }
}
