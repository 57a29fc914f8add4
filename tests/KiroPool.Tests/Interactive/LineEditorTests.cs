using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

/// <summary>The keys of the line editor.</summary>
public sealed class LineEditorTests
{
    private readonly FakeTerminal _terminal = new();
    private readonly InputHistory _history = new();

    [Fact]
    public void Typed_text_is_read_and_stays_on_the_screen()
    {
        _terminal.Type("hello").Enter();

        Assert.Equal("hello", Read());
        Assert.Equal(["> hello"], _terminal.Screen);
        Assert.Equal((1, 0), _terminal.Cursor);
    }

    [Fact]
    public void Keys_move_and_erase_as_in_a_shell()
    {
        _terminal.Type("one two three").Ctrl('W').Type("3").Ctrl('A').Type("0 ").Ctrl('E').Press(ConsoleKey.Backspace).Type("four")
            .Press(ConsoleKey.LeftArrow, ConsoleModifiers.Control).Press(ConsoleKey.LeftArrow).Press(ConsoleKey.Delete).Type(", ").Enter();

        Assert.Equal("0 one two, four", Read());
    }

    /// <summary>The mark of a decomposed é and the virama of a Hindi syllable are no letters.</summary>
    [Theory]
    [InlineData("caf\u0065\u0301x yz")]
    [InlineData("नमस्ते yz")]
    public void A_move_by_words_never_stops_inside_a_character(string text)
    {
        _terminal.Type(text).Ctrl('A').Press(ConsoleKey.RightArrow, ConsoleModifiers.Control).Type("|").Ctrl('E')
            .Press(ConsoleKey.LeftArrow, ConsoleModifiers.Control).Press(ConsoleKey.LeftArrow, ConsoleModifiers.Control).Type("|").Enter();

        string first = text[..^3];
        Assert.Equal($"|{first}| yz", Read());
    }

    [Fact]
    public void A_move_between_lines_never_stops_inside_a_character()
    {
        _terminal.Paste("e\u0301e\u0301\nab").Press(ConsoleKey.Home).Press(ConsoleKey.RightArrow).Press(ConsoleKey.UpArrow).Type("|").Enter();

        Assert.Equal("|e\u0301e\u0301\nab", Read());
    }

    [Fact]
    public void Control_K_and_U_cut_to_the_ends_of_the_line()
    {
        _terminal.Type("abc").Press(ConsoleKey.LeftArrow).Ctrl('K').Type("d").Press(ConsoleKey.LeftArrow).Ctrl('U').Enter();

        Assert.Equal("d", Read());
    }

    /// <summary>The keys of these characters differ between layouts; each key here is a command together with Control.</summary>
    [Fact]
    public void AltGr_types_the_character_of_the_layout()
    {
        _terminal.Type("a").AltGr(ConsoleKey.Q, '@').AltGr(ConsoleKey.D7, '{').AltGr(ConsoleKey.E, '€').AltGr(ConsoleKey.C, 'ć').AltGr(ConsoleKey.A, 'ą').AltGr(ConsoleKey.L, 'Ł', shift: true)
            .AltGr(ConsoleKey.Oem5, '|').AltGr(ConsoleKey.D, 'đ').AltGr(ConsoleKey.U, '\\').Type("z").Enter();

        Assert.Equal("a@{€ćąŁ|đ\\z", Read());
    }

    [Theory]
    [InlineData(ConsoleKey.C)]
    [InlineData(ConsoleKey.D)]
    [InlineData(ConsoleKey.U)]
    [InlineData(ConsoleKey.W)]
    public void AltGr_with_a_key_without_a_character_does_nothing(ConsoleKey key)
    {
        _terminal.AltGr(key).Type("still here").AltGr(key).Enter();

        Assert.Equal("still here", Read());
    }

    [Fact]
    public void Ctrl_C_is_no_other_key()
    {
        Assert.True(TypedKey.IsCtrlC(new ConsoleKeyInfo('\u0003', ConsoleKey.C, false, false, true)));
        Assert.True(TypedKey.IsCtrlC(new ConsoleKeyInfo('\0', ConsoleKey.C, false, false, true)));
        Assert.False(TypedKey.IsCtrlC(new ConsoleKeyInfo('ć', ConsoleKey.C, false, true, true)));
        Assert.False(TypedKey.IsCtrlC(new ConsoleKeyInfo('\0', ConsoleKey.C, false, true, true)));
        Assert.False(TypedKey.IsCtrlC(new ConsoleKeyInfo('c', ConsoleKey.C, false, false, false)));
    }

    [Fact]
    public void A_paste_of_several_lines_is_one_text()
    {
        _terminal.Paste("line 1\nline 2\nline 3").Enter();

        Assert.Equal("line 1\nline 2\nline 3", Read());
        Assert.Equal(["> line 1", "  line 2", "  line 3"], _terminal.Screen);
    }

    [Fact]
    public void A_pasted_tab_stays_a_tab()
    {
        _terminal.Paste("a\tb").Enter();

        Assert.Equal("a\tb", Read("/help"));
    }

    [Fact]
    public void A_paste_of_lines_that_ends_in_a_line_end_waits()
    {
        _terminal.Paste("line 1\nline 2\n").Type("more").Enter();

        Assert.Equal("line 1\nline 2\nmore", Read());
    }

    [Fact]
    public void A_marked_paste_waits_and_keeps_its_tabs_whatever_its_pieces()
    {
        _terminal.Press(ConsoleKey.Escape, text: "[200~one\n\ttwo\n\u001b[201~").Type("!").Enter();

        Assert.Equal("one\n\ttwo\n!", ReadFrom(new PasteTerminal(_terminal)));
    }

    [Fact]
    public void Escape_without_a_mark_still_clears_the_line()
    {
        _terminal.Type("abc").Press(ConsoleKey.Escape).Type("[2").Enter();

        Assert.Equal("[2", ReadFrom(new PasteTerminal(_terminal)));
    }

    [Fact]
    public void Lines_typed_ahead_are_lines_of_their_own()
    {
        var ahead = new TypeAhead(new PasteTerminal(_terminal), TimeProvider.System);
        _terminal.Paste("first\nsecond\n/exit\n");

        Assert.False(ahead.TakeCancel(key => key.KeyChar == '\u0003'));

        Assert.Equal(["first", "second", "/exit"], [ReadFrom(ahead), ReadFrom(ahead), ReadFrom(ahead)]);
    }

    [Fact]
    public void Control_C_among_keys_typed_ahead_cancels_and_the_others_stay()
    {
        var ahead = new TypeAhead(_terminal, TimeProvider.System);
        _terminal.Paste("ne\u0003xt\n");

        Assert.True(ahead.TakeCancel(key => key.KeyChar == '\u0003'));

        Assert.Equal("next", ReadFrom(ahead));
    }

    [Fact]
    public void Control_C_at_an_empty_line_asks_before_it_leaves()
    {
        var said = new List<string>();
        var lines = new LeaveQuestion(new LineEditor(_terminal, _history, hasColours: false, () => false), said.Add);
        _terminal.Type("abc").Ctrl('C').Ctrl('C').Type("on").Enter().Ctrl('C').Ctrl('C');

        Assert.Equal("on", lines.Read("> ", _ => []));
        Assert.Null(lines.Read("> ", _ => []));
        Assert.Equal(["Press Ctrl+C again to leave.", "Press Ctrl+C again to leave."], said);
    }

    [Theory]
    [InlineData(ConsoleKey.Enter, ConsoleModifiers.Shift)]
    [InlineData(ConsoleKey.Enter, ConsoleModifiers.Alt)]
    [InlineData(ConsoleKey.J, ConsoleModifiers.Control)]
    public void Some_keys_start_a_new_line(ConsoleKey key, ConsoleModifiers modifiers)
    {
        _terminal.Type("a").Press(key, modifiers).Type("b").Enter();

        Assert.Equal("a\nb", Read());
    }

    [Fact]
    public void A_backslash_at_the_end_starts_a_new_line()
    {
        _terminal.Type("a\\").Enter().Type("b").Enter();

        Assert.Equal("a\nb", Read());
    }

    [Fact]
    public void The_arrows_go_through_lines_first_and_then_through_history()
    {
        _history.Add("first");
        _history.Add("second\nlines");
        _terminal.Type("draft").Press(ConsoleKey.UpArrow).Press(ConsoleKey.UpArrow).Press(ConsoleKey.UpArrow).Press(ConsoleKey.DownArrow)
            .Press(ConsoleKey.DownArrow).Type("!").Enter();

        // Up: the second entry, its first line, the first entry. Down: the second entry, and what was being written.
        Assert.Equal("draft!", Read());
    }

    [Fact]
    public void A_line_is_in_the_history_once()
    {
        _terminal.Type("same").Enter().Type("same").Enter().Type(" ").Enter().Press(ConsoleKey.UpArrow).Press(ConsoleKey.UpArrow).Enter();

        Assert.Equal(["same", "same", " ", "same"], [Read(), Read(), Read(), Read()]);
    }

    [Fact]
    public void Control_C_clears_the_line_and_then_leaves()
    {
        _terminal.Type("abc").Ctrl('C').Type("d").Enter().Ctrl('C');

        Assert.Equal("d", Read());
        Assert.Null(Read());
    }

    [Fact]
    public void Control_D_deletes_and_on_an_empty_line_leaves()
    {
        _terminal.Type("ab").Press(ConsoleKey.Home).Ctrl('D').Enter().Ctrl('D');

        Assert.Equal("b", Read());
        Assert.Null(Read());
    }

    [Fact]
    public void Tab_completes_the_common_part_and_then_shows_the_choices()
    {
        _terminal.Type("/m").Press(ConsoleKey.Tab).Press(ConsoleKey.Tab).Type("a").Press(ConsoleKey.Tab).Enter();

        Assert.Equal("/modal", Read("/modal", "/model"));
        Assert.Contains("/modal  /model", _terminal.Screen);
    }

    [Fact]
    public void A_long_text_wraps_and_wide_characters_take_two_columns()
    {
        string text = string.Concat(Enumerable.Repeat("漢字ab", 20));
        _terminal.Paste(text).Press(ConsoleKey.Home).Type("x").Press(ConsoleKey.End).Press(ConsoleKey.Backspace).Enter();

        Assert.Equal("x" + text[..^1], Read());
        Assert.Equal("> x" + text[..^1], string.Concat(_terminal.Screen));
        Assert.All(_terminal.Screen, row => Assert.InRange(row.Sum(c => _terminal.Cells(c.ToString())), 1, 40));
    }

    [Fact]
    public void One_step_moves_by_a_whole_character()
    {
        _terminal.Paste("a👩‍💻e\u0301").Press(ConsoleKey.LeftArrow).Press(ConsoleKey.Backspace).Enter();

        Assert.Equal("ae\u0301", Read());
    }

    [Fact]
    public void A_text_higher_than_the_window_shows_the_part_around_the_cursor()
    {
        _terminal.Paste(string.Join('\n', Enumerable.Range(1, 30))).Type("!");
        var rows = 0;
        var editor = new LineEditor(_terminal, _history, hasColours: false, () => ++rows > 200);

        Assert.Null(editor.Read("> ", _ => []));
        Assert.Equal(9, _terminal.Screen.Length);
        Assert.Equal("  30!", _terminal.Screen[^1]);
    }

    private string? ReadFrom(ITerminal terminal) => new LineEditor(terminal, _history, hasColours: true, () => false).Read("> ", _ => []);

    private string? Read(params string[] completions) =>
        new LineEditor(_terminal, _history, hasColours: true, () => false)
            .Read("> ", typed => [.. completions.Where(one => one.StartsWith(typed, StringComparison.Ordinal))]);
}
