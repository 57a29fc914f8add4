using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

public sealed class WordWrapTests
{
    [Theory]
    [InlineData("short", "short")]
    [InlineData("one two three", "one two\nthree")]
    [InlineData("  one two three\n", "  one two\n  three\n")]
    [InlineData("a word-that-is-longer-than-a-line b", "a\nword-that-is-longer-than-a-line\nb")]
    [InlineData("one\ntwo  three four", "one\ntwo \nthree\nfour")]
    [InlineData("日本 日本 日", "日本 日本\n日")]
    public void Lines_break_between_words(string text, string wrapped) =>
        Assert.Equal(wrapped, WordWrap.At(text, 10, part => part.Sum(c => c >= 0x2E80 ? 2 : 1)));
}
