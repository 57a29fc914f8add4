using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Formatting;

namespace KiroPool.Interactive;

/// <summary>
/// Asks the user the question of an agent: a form field by field, or whether to visit an address. Nothing is sent before the
/// user has seen and confirmed it. Ctrl+C cancels at every step.
/// </summary>
/// <param name="console">The console.</param>
/// <param name="request">The question. Its texts are not trusted.</param>
/// <param name="isOver">Whether the answer is no longer needed.</param>
internal sealed class FormDialog(IConversationConsole console, FormRequest request, Func<bool> isOver)
{
    private const int LongestLabel = 40;
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);

    /// <summary>Asks. The result is a cancel if the user does not choose.</summary>
    public FormAnswer Run()
    {
        console.Write($"The agent asks:{Environment.NewLine}", TextLook.Bright);
        foreach (string? text in (string?[])[request.Title, request.Message, request.Description])
            Quote(text);
        return request.Address is { } address ? Visit(address) : Answer();
    }

    private FormAnswer Visit(Uri address)
    {
        // Letters of other alphabets can look like those of a known name.
        Quote(new UriBuilder(address) { Host = address.IdnHost }.Uri.AbsoluteUri);
        Note($"Its host is {address.IdnHost}. KiroPool does not open the address: if you trust the host, open it yourself.");
        return console.Choose("Agree to visit it?", [('y', "yes"), ('n', "no")], isOver) switch
        {
            'y' => new FormAnswer(FormAction.Accept),
            'n' => new FormAnswer(FormAction.Decline),
            _ => FormAnswer.Cancelled,
        };
    }

    private FormAnswer Answer()
    {
        char? key = console.Choose("Answer? Ctrl+C cancels.", [('y', "yes"), ('n', "decline")], isOver);
        while (key is 'y' or 'e')
        {
            if (!request.Fields.All(TryFill))
                return FormAnswer.Cancelled;
            if (request.Fields.Count == 0)
                break;
            Review();
            key = console.Choose("Send it?", [('y', "yes"), ('e', "edit"), ('n', "decline")], isOver);
            if (key == 'y')
                break;
        }

        return key switch
        {
            'y' => new FormAnswer(FormAction.Accept, _typed),
            'n' => new FormAnswer(FormAction.Decline),
            _ => FormAnswer.Cancelled,
        };
    }

    /// <summary>Asks for one field until the text fits. Returns false to cancel.</summary>
    private bool TryFill(FormField field)
    {
        // An earlier answer is kept by Enter, as a default is.
        FormField asked = _typed.TryGetValue(field.Name, out string? earlier) && earlier.Length > 0 ? field with { Default = earlier } : field;
        Quote(asked.Description);
        for (int at = 0; at < asked.Choices.Count; at++)
            Note(string.Create(CultureInfo.InvariantCulture, $"{at + 1,3} {asked.Choices[at].Title}"));
        Note(Rules(asked));
        while (!isOver())
        {
            if (console.Ask($"{Label(asked)}: ", isOver) is not { } typed)
                return false;
            if (asked.Check(typed) is not { } fault)
            {
                _typed[field.Name] = string.IsNullOrWhiteSpace(typed) ? asked.Default ?? "" : typed;
                return true;
            }

            Note(fault);
        }

        return false;
    }

    private void Review()
    {
        foreach (FormField field in request.Fields)
            Note($"{Label(field)}: {(field.Describe(_typed[field.Name]) is { Length: > 0 } text ? text : "(left out)")}");
    }

    private static string Label(FormField field) => Display.Line(field.Title ?? field.Name, LongestLabel);

    /// <summary>What may be typed.</summary>
    private static string Rules(FormField field)
    {
        string what = field.Type switch
        {
            FormFieldType.Number => "A number",
            FormFieldType.WholeNumber => "A whole number",
            FormFieldType.YesNo => "yes or no",
            FormFieldType.Choice => "One number or name of the list",
            FormFieldType.Choices => "Numbers or names of the list, with commas between them",
            _ => field.Format switch { "email" => "An e-mail address", "uri" => "An address (URI)", "date" => "A date (2026-01-31)", "date-time" => "A date and time (2026-01-31T08:30:00Z)", _ => "A text" },
        };
        string unit = field.Type switch { FormFieldType.Text => " characters", FormFieldType.Choices => " of them", _ => "" };
        string range = (field.Least, field.Most) switch
        {
            ({ } least, { } most) => string.Create(CultureInfo.InvariantCulture, $", {least} to {most}{unit}"),
            ({ } least, null) => string.Create(CultureInfo.InvariantCulture, $", at least {least}{unit}"),
            (null, { } most) => string.Create(CultureInfo.InvariantCulture, $", at most {most}{unit}"),
            _ => "",
        };
        string empty = field.Default is { Length: > 0 } value ? $" Enter alone means {value}." : field.IsRequired ? " It is required." : " Enter alone leaves it out.";
        return $"{what}{range}.{empty}";
    }

    /// <summary>Shows a text of the agent, indented, so that no line of it looks like one of KiroPool.</summary>
    private void Quote(string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
            console.Write("  " + TerminalText.Harmless(text.Trim()).Replace("\n", $"{Environment.NewLine}  ", StringComparison.Ordinal) + Environment.NewLine);
    }

    private void Note(string text) => console.Write($"  {Display.Line(text, 500)}{Environment.NewLine}", TextLook.Dim);
}
