using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

/// <summary>The marks of a paste, in one piece and in several, as over a slow line.</summary>
public sealed class PasteTerminalTests
{
    private readonly FakeTerminal _terminal = new();

    [Fact]
    public void The_end_of_a_paste_may_come_in_pieces()
    {
        _terminal.Press(ConsoleKey.Escape, text: "[200~one").Press(ConsoleKey.Escape, text: "").Paste("[20").Paste("1~").Type("!").Enter();

        Assert.Equal("one!", Read());
    }

    [Fact]
    public void The_start_of_a_paste_may_come_in_pieces()
    {
        _terminal.Type("a ").Press(ConsoleKey.Escape, text: "").Paste("[200").Paste("~b\nc").Press(ConsoleKey.Escape, text: "[201~").Enter();

        Assert.Equal("a b\nc", Read());
    }

    [Fact]
    public void Enter_sends_again_after_a_paste_in_pieces()
    {
        _terminal.Press(ConsoleKey.Escape, text: "[200~one\n").Press(ConsoleKey.Escape, text: "[2").Paste("01~").Enter();

        Assert.Equal("one\n", Read());
    }

    private string? Read() => new LineEditor(new PasteTerminal(_terminal), new InputHistory(), hasColours: false, () => false).Read("> ", _ => []);
}
