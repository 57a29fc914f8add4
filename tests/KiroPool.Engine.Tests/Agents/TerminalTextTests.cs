using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Agents;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("plain\n\ttext ünï 漢 😀", "plain\n\ttext ünï 漢 😀")]
    [InlineData("a\u001b]52;c;ZXZpbA==\u0007b", "a␛b")]
    [InlineData("a\u001b]0;title\u001b\\b", "a␛b")]
    [InlineData("a\u009d0;title\u009cb", "a␛b")]
    [InlineData("a\u001bP1;2qdata\u001b\\b", "a␛b")]
    [InlineData("a\u001b_app\u001b\\b", "a␛b")]
    [InlineData("a\u001b[2J\u001b[Hb", "a␛␛b")]
    [InlineData("a\u009b2Jb", "a␛b")]
    [InlineData("a\u001b[?25lb", "a␛b")]
    [InlineData("a\u001b[>4mb", "a␛b")]
    [InlineData("a\u001bcb", "a␛b")]
    [InlineData("a\u001b(Bb", "a␛b")]
    [InlineData("ok\rno", "ok␍no")]
    [InlineData("one\r\ntwo", "one\ntwo")]
    [InlineData("ab\b\bcd\u0007\u0000\u007f", "ab␈␈cd␇␀␡")]
    [InlineData("a\u0085b\u0084", "a\ufffdb\ufffd")]
    [InlineData("a\u001b[31mred\u001b[0mb", "aredb")]
    [InlineData("a\u009b31mred", "ared")]
    [InlineData("a\u001b]0;no end\nthe rest", "a␛]0;no end\nthe rest")]
    [InlineData("a\u001b[12", "a␛[12")]
    [InlineData("a\u001b", "a␛")]
    [InlineData("a\u001b[3\u001b[31mb", "a␛[3b")]
    [InlineData("a\u001b[31漢b", "a␛[31漢b")]
    [InlineData(null, "")]
    public void Control_characters_become_harmless_signs(string? text, string shown) => Assert.Equal(shown, TerminalText.Harmless(text));

    [Theory]
    [InlineData("a\u001b[1;31mred\u001b[0mb", "a\u001b[1;31mred\u001b[0mb")]
    [InlineData("a\u001b[38:2::1:2:3mred", "a\u001b[38:2::1:2:3mred\u001b[0m")]
    [InlineData("a\u009b31mred", "a\u001b[31mred\u001b[0m")]
    [InlineData("\u001b[32mgreen\u001b[mplain", "\u001b[32mgreen\u001b[mplain")]
    [InlineData("a\u001b[2Jb\u001b[31mc", "a␛b\u001b[31mc\u001b[0m")]
    public void Requested_colours_stay_and_end_with_the_text(string text, string shown) =>
        Assert.Equal(shown, TerminalText.Harmless(text, keepColours: true));

    [Theory]
    [InlineData("a\u001b]52;c;ZXZpbA==\u0007b\u001b[31mc\u001b[0m\r\nd\re😀f\u001b[2J\u001b]x\ng\u009b1mh")]
    public void Text_split_anywhere_gives_the_same_output(string text)
    {
        string whole = TerminalText.Harmless(text, keepColours: true);
        for (int size = 1; size < text.Length; size++)
        {
            var filter = new TerminalText(keepColours: true);
            string shown = string.Concat(text.Chunk(size).Select(piece => filter.Append(new string(piece)))) + filter.Complete();
            Assert.Equal(whole, shown);
        }
    }

    [Fact]
    public void An_unterminated_string_is_kept_up_to_a_bound()
    {
        string shown = TerminalText.Harmless("a\u001b]" + new string('x', 1_000_000));

        Assert.InRange(shown.Length, 2, 5000);
        Assert.DoesNotContain('\u001b', shown);
    }

    [Theory]
    [InlineData("abcdef", 10, "abcdef")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("ab😀cd", 4, "ab…")]
    [InlineData("abe\u0301d", 4, "ab…")]
    [InlineData("a👨‍👩‍👧b", 5, "a…")]
    [InlineData("ab\u001b[31mcd", 6, "ab…")]
    [InlineData("ab\u001b]0;title\u0007cd", 8, "ab…")]
    public void A_cut_splits_no_sequence_no_pair_and_no_grapheme(string text, int most, string cut) => Assert.Equal(cut, TerminalText.Cut(text, most));
}
