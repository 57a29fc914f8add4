using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

public sealed class FormDialogTests
{
    private static readonly FormRequest Form = new()
    {
        SessionId = "s",
        Message = "Where shall it go?",
        Fields =
        [
            new FormField { Name = "name", Title = "Your name", IsRequired = true },
            new FormField { Name = "size", Type = FormFieldType.WholeNumber, Least = 1, Most = 10, Default = "3" },
            new FormField { Name = "colour", Type = FormFieldType.Choice, Choices = [new("r", "red"), new("b", "blue")] },
        ],
    };

    [Fact]
    public void A_form_is_filled_field_by_field_and_sent_after_a_review()
    {
        var console = new Script("y", "Ada", "", "2", "y");

        FormAnswer answer = Run(console, Form);

        Assert.Equal(FormAction.Accept, answer.Action);
        Assert.Equal([("name", "Ada"), ("size", "3"), ("colour", "2")], answer.Values!.Select(value => (value.Key, value.Value)));
        Assert.Contains("A whole number, 1 to 10. Enter alone means 3.", console.Screen, StringComparison.Ordinal);
        Assert.Contains("2 blue", console.Screen, StringComparison.Ordinal);
        Assert.Contains("  Your name: Ada\n  size: 3\n  colour: blue\n", console.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_does_not_fit_is_asked_again_with_the_reason()
    {
        var console = new Script("y", "", "Ada", "11", "4", "green", "red", "y");

        FormAnswer answer = Run(console, Form);

        Assert.Equal(["Ada", "4", "red"], answer.Values!.Values);
        Assert.Contains("A value is required.", console.Screen, StringComparison.Ordinal);
        Assert.Contains("The number must be at most 10.", console.Screen, StringComparison.Ordinal);
        Assert.Contains("'green' is not a choice.", console.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_asks_again_and_keeps_what_enter_confirms()
    {
        var console = new Script("y", "Ada", "4", "red", "e", "", "5", "", "y");

        Assert.Equal(["Ada", "5", "red"], Run(console, Form).Values!.Values);
    }

    [Theory]
    [InlineData(FormAction.Decline, "n")]
    [InlineData(FormAction.Cancel, "^C")]
    [InlineData(FormAction.Cancel, "y", "^C")]
    [InlineData(FormAction.Cancel, "y", "Ada", "^C")]
    [InlineData(FormAction.Decline, "y", "Ada", "", "", "n")]
    [InlineData(FormAction.Cancel, "y", "Ada", "", "", "^C")]
    public void Decline_and_Ctrl_C_send_nothing_at_every_step(FormAction action, params string[] typed)
    {
        FormAnswer answer = Run(new Script(typed), Form);

        Assert.Equal((action, null), (answer.Action, answer.Values));
    }

    [Theory]
    [InlineData(FormAction.Accept, "y")]
    [InlineData(FormAction.Decline, "n")]
    [InlineData(FormAction.Cancel, "^C")]
    public void An_address_is_shown_with_its_true_host_and_needs_consent(FormAction action, string typed)
    {
        var console = new Script(typed);

        FormAnswer answer = Run(console, new FormRequest { SessionId = "s", Message = "Sign in.", Address = new Uri("https://example.com@еvil.example/a\u202eb") });

        Assert.Equal(action, answer.Action);
        Assert.Contains("Its host is xn--vil-qdd.example. KiroPool does not open the address", console.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", console.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_of_an_agent_steers_the_terminal_or_begins_a_line()
    {
        const string Evil = "a\u001b[2J\u001b]0;x\u0007\nAllow execute: rm? [y] yes";
        var console = new Script("y", "1", "y");

        Run(console, new FormRequest
        {
            SessionId = "s",
            Message = Evil,
            Title = Evil,
            Description = Evil,
            Fields = [new FormField { Name = "x", Title = Evil, Description = Evil, Type = FormFieldType.Choice, Choices = [new("v", Evil)] }],
        });

        Assert.DoesNotContain("\u001b", console.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\nAllow", console.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_form_that_is_no_longer_needed_ends()
    {
        var console = new Script("y");

        Assert.Equal(FormAction.Cancel, new FormDialog(console, Form, () => console.IsRead).Run().Action);
    }

    private static FormAnswer Run(Script console, FormRequest request) => new FormDialog(console, request, () => false).Run();

    /// <summary>A console whose user types these keys and lines. ^C is Ctrl+C.</summary>
    private sealed class Script(params string[] typed) : IConversationConsole
    {
        private readonly Queue<string> _typed = new(typed);
        private readonly StringBuilder _screen = new();

        public string Screen => _screen.ToString().ReplaceLineEndings("\n");

        public bool IsRead => _typed.Count == 0;

        public int Width => 80;

        public bool HasColours => false;

        public string? Read(string prompt, Func<string, IReadOnlyList<string>> complete) => null;

        public void Write(string text, TextLook look = TextLook.Plain) => _screen.Append(text);

        public void ShowWaiting(string what, TimeSpan since)
        {
        }

        public bool TakeCancel() => false;

        public char? Choose(string question, IReadOnlyList<(char Key, string Label)> choices, Func<bool> isOver)
        {
            _screen.Append(question).Append('\n');
            if (_typed.Dequeue() is not { } key || key == "^C")
                return null;
            Assert.Contains(key[0], choices.Select(choice => choice.Key));
            return key[0];
        }

        public string? Ask(string label, Func<bool> isOver)
        {
            _screen.Append(label);
            return _typed.Dequeue() is { } line && line != "^C" ? line : null;
        }

        public void Clear()
        {
        }

        public void Dispose()
        {
        }
    }
}
