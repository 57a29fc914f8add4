using KiroPool.Interactive;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Tests.Interactive;

/// <summary>Only a key that is pressed for a question answers it. What is typed ahead is kept for the next line.</summary>
public sealed class KeyChoiceTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeTerminal _terminal = new();
    private readonly TypeAhead _ahead;
    private int _waits;

    public KeyChoiceTests() => _ahead = new TypeAhead(new PasteTerminal(_terminal), _clock);

    [Fact]
    public void A_key_answers_at_once_if_nothing_was_typed_before()
    {
        _terminal.Paste("").Type("y");

        Assert.Equal('y', Choose());
        Assert.True(_waits <= 1, $"It took {_waits} waits.");
    }

    [Fact]
    public void A_word_that_goes_on_when_the_question_comes_is_no_answer()
    {
        _terminal.Paste("first line\nthen run ");
        Assert.False(_ahead.TakeCancel(TypedKey.IsCtrlC));
        _terminal.Type("all\n");

        Assert.Null(Choose(waits: 100));

        Assert.Equal("first line", ReadLine());
        Assert.Equal("then run all", ReadLine());
    }

    [Fact]
    public void A_key_answers_after_a_moment_without_typing()
    {
        _terminal.Paste("run a");
        Assert.False(_ahead.TakeCancel(TypedKey.IsCtrlC));
        Assert.Null(Choose(waits: 30));
        _terminal.Paste("").Type("a");

        Assert.Equal('a', Choose());

        _terminal.Enter();
        Assert.Equal("run a", ReadLine());
    }

    [Fact]
    public void A_paste_is_no_answer()
    {
        _terminal.Paste("").Press(ConsoleKey.Escape, text: "[200~yes\u001b[201~");

        Assert.Null(Choose(waits: 30));

        _terminal.Enter();
        Assert.Equal("yes", ReadLine());
    }

    [Theory]
    [InlineData('\u0003')]
    [InlineData('\u001b')]
    public void Control_C_and_Escape_choose_nothing(char key)
    {
        _terminal.Paste("run ");
        Assert.False(_ahead.TakeCancel(TypedKey.IsCtrlC));
        _terminal.Paste("");
        if (key == '\u001b')
            _terminal.Press(ConsoleKey.Escape);
        else
            _terminal.Type($"{key}");

        Assert.Null(Choose());
        Assert.True(_waits <= 2, $"It took {_waits} waits.");
    }

    [Fact]
    public void A_key_from_before_the_question_is_no_answer()
    {
        _terminal.Type("y");

        Assert.Null(Choose(waits: 30));

        _terminal.Enter();
        Assert.Equal("y", ReadLine());
    }

    private char? Choose(int waits = 1000)
    {
        _waits = 0;
        return KeyChoice.Read(_ahead, ['y', 'a', 'n'], () => _waits > waits, _clock, Wait);

        void Wait(TimeSpan time)
        {
            _waits++;
            _clock.Advance(time);
        }
    }

    private string? ReadLine() => new LineEditor(_ahead, new InputHistory(), hasColours: false, () => false).Read("> ", _ => []);
}
