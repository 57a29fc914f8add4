using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

/// <summary>Fenced code and tables of an answer are set off; everything else passes at once.</summary>
public sealed class MarkdownLinesTests
{
    [Fact]
    public void Ordinary_text_passes_at_once()
    {
        MarkdownLines lines = Lines();

        Assert.Equal("a `b` | c", lines.Append("a `b` | c"));
        Assert.Equal("\nd", lines.Append("\nd"));
        Assert.Equal("", lines.Complete());
    }

    [Fact]
    public void Code_is_indented_without_colours()
    {
        Assert.Equal("so:\n```csharp\n    int x;\n    \n```\nend", All(Lines(), "so:\n``", "`csharp\nint x;\n\n```\nend"));
    }

    [Fact]
    public void Code_is_coloured_with_colours()
    {
        Assert.Equal("\u001b[2m```\u001b[22m\n\u001b[36mint x;\u001b[39m\n\u001b[2m```\u001b[22m\n", All(Lines(hasColours: true), "```\nint x;\n```\n"));
    }

    [Fact]
    public void A_table_is_aligned()
    {
        Assert.Equal("Name   Size\n─────  ────\nCart   1\nOrder  22\nend", All(Lines(), "| Name | Size |\n|---|", "--:|\n| Cart | 1 |\n| Order | 22 |\nend"));
    }

    [Theory]
    [InlineData("| only | a row |\n")]
    [InlineData("| a very wide cell of a table that is wider than the window | b |\n|---|---|\n| c | d |\n")]
    public void What_is_no_table_or_too_wide_passes_as_it_is(string text)
    {
        Assert.Equal(text, All(Lines(), text));
    }

    [Theory]
    [InlineData("| ")]
    [InlineData("  | ")]
    [InlineData("```")]
    [InlineData("   ")]
    public void A_line_of_any_length_passes_without_delay(string start)
    {
        string line = start + new string(start[^1] == ' ' && start.Trim().Length == 0 ? ' ' : 'x', 2_000_000) + "\nend";

        Assert.Equal(line, All(Lines(), line));
    }

    private static MarkdownLines Lines(bool hasColours = false) => new(hasColours, text => text.Length, () => 40);

    private static string All(MarkdownLines lines, params string[] pieces) => string.Concat(pieces.Select(lines.Append)) + lines.Complete();
}
