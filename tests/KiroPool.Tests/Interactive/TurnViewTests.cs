using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

/// <summary>How a turn is shown in the console of a conversation.</summary>
public sealed class TurnViewTests
{
    private const string Reset = "\u001b[0m";

    [Fact]
    public void Colours_of_an_answer_stay_and_other_control_sequences_do_not()
    {
        Assert.Equal($"\u001b[31mred{Reset} ␛ ␛ 10%␍20% done\n", Shown(hasColours: true, "\u001b[31mred\u001b[0m \u001b[2J \u001b]52;c;eA==\u0007 10%\r20%", " done"));
    }

    [Fact]
    public void Without_colours_colour_sequences_are_removed()
    {
        Assert.Equal("red text\n", Shown(hasColours: false, "\u001b[31mred\u001b[0m text"));
    }

    [Fact]
    public void A_sequence_in_two_pieces_is_one_sequence()
    {
        Assert.Equal($"a\u001b[31mb␛c{Reset}\n", Shown(hasColours: true, "a\u001b", "[3", "1mb\u001b]0;ti", "tle\u001b", "\\c"));
    }

    [Fact]
    public void An_open_colour_ends_with_the_answer()
    {
        Assert.Equal($"\u001b[31mred{Reset}\n", Shown(hasColours: true, "\u001b[31mred"));
    }

    [Fact]
    public void Notes_of_tools_and_thoughts_are_harmless_and_without_colours()
    {
        var console = new ScriptedConsole(hasColours: true);
        var view = new TurnView(console);

        view.Show(new PromptUpdate { Kind = "Thought", Text = "hm \u001b[31m\u001b]0;x\u0007" });
        view.Show(new PromptUpdate { Kind = "ToolCall", ToolCall = new ToolCall("1", "rm\u001b[2K\r -rf", "execute", "pending", [], null, null) });
        view.End();

        Assert.DoesNotContain('\u001b', console.Screen);
        Assert.Contains("thinking: hm ␛", console.Screen, StringComparison.Ordinal);
        Assert.Contains("execute: rm␛␍ -rf", console.Screen, StringComparison.Ordinal);
    }

    private static string Shown(bool hasColours, params string[] pieces)
    {
        var console = new ScriptedConsole(hasColours);
        var view = new TurnView(console);
        foreach (string piece in pieces)
            view.Show(new PromptUpdate { Kind = "Text", Text = piece });
        view.End();
        return console.Screen.ReplaceLineEndings("\n");
    }

    private sealed class ScriptedConsole(bool hasColours) : IConversationConsole
    {
        private readonly System.Text.StringBuilder _screen = new();

        public string Screen => _screen.ToString();

        public int Width => 80;

        public bool HasColours => hasColours;

        public string? Read(string prompt, Func<string, IReadOnlyList<string>> complete) => null;

        public void Write(string text, TextLook look = TextLook.Plain) => _screen.Append(text);

        public void ShowWaiting(string what, TimeSpan since)
        {
        }

        public bool TakeCancel() => false;

        public char? Choose(string question, IReadOnlyList<(char Key, string Label)> choices, Func<bool> isOver) => null;

        public string? Ask(string label, Func<bool> isOver) => null;

        public void Clear()
        {
        }

        public void Dispose()
        {
        }
    }
}
