using System.Globalization;

namespace KiroPool.Engine.Agents;

/// <summary>The kind of the value of a field.</summary>
public enum FormFieldType
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>Yes or no.</summary>
    YesNo,

    /// <summary>One of <see cref="FormField.Choices"/>.</summary>
    Choice,

    /// <summary>Any of <see cref="FormField.Choices"/>.</summary>
    Choices,
}

/// <summary>One possible value of a field.</summary>
/// <param name="Value">The value that the agent gets.</param>
/// <param name="Title">What the user sees.</param>
public sealed record FormChoice(string Value, string Title);

/// <summary>One field of a form. Typed text becomes its value only if it satisfies all rules of the agent.</summary>
public sealed record FormField
{
    /// <summary>The key of the value in the answer.</summary>
    public required string Name { get; init; }

    /// <summary>What the user sees instead of the name; null for the name.</summary>
    public string? Title { get; init; }

    /// <summary>The explanation; null without one.</summary>
    public string? Description { get; init; }

    /// <summary>The kind of value.</summary>
    public FormFieldType Type { get; init; }

    /// <summary>Whether the form cannot be sent without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What an empty text means, as the user would type it; null for no value.</summary>
    public string? Default { get; init; }

    /// <summary>The possible values of <see cref="FormFieldType.Choice"/> and <see cref="FormFieldType.Choices"/>.</summary>
    public IReadOnlyList<FormChoice> Choices { get; init; } = [];

    /// <summary>The smallest number, the fewest characters of a text, or the fewest choices; null for no limit.</summary>
    public double? Least { get; init; }

    /// <summary>The largest number, the most characters of a text, or the most choices; null for no limit.</summary>
    public double? Most { get; init; }

    /// <summary>The format of a text: email, uri, date or date-time; null or any other for none.</summary>
    public string? Format { get; init; }

    /// <summary>The regular expression that a text contains; null for none.</summary>
    public string? Pattern { get; init; }

    /// <summary>Checks a typed text.</summary>
    /// <returns>What is wrong with it, as a sentence for the user; null if nothing is.</returns>
    public string? Check(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        return Read(typed).Fault;
    }

    /// <summary>What a typed text means, for the user to confirm: choices by their titles, yes or no; empty for no value.</summary>
    public string Describe(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        return Read(typed).Value switch
        {
            null => "",
            bool isYes => isYes ? "yes" : "no",
            string value when Type == FormFieldType.Choice => TitleOf(value),
            string[] values => string.Join(", ", values.Select(TitleOf)),
            var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
    }

    /// <summary>Reads a typed text: a string, a double, a long, a bool, an array of strings, or null for no value.</summary>
    internal FormValue Read(string typed)
    {
        string text = Type == FormFieldType.Text && typed.Trim().Length > 0 ? typed : typed.Trim();
        if (text.Length == 0 && Default is { Length: > 0 })
            text = Default;
        if (text.Length == 0)
            return IsRequired ? FormValue.Wrong("A value is required.") : default;
        return Type switch
        {
            FormFieldType.Number => ReadNumber(text),
            FormFieldType.WholeNumber => ReadWholeNumber(text),
            FormFieldType.YesNo => ReadYesNo(text),
            FormFieldType.Choice => ReadChoice(text),
            FormFieldType.Choices => ReadChoices(text),
            _ => TextRules.Fault(this, text) is { } fault ? FormValue.Wrong(fault) : new FormValue(text, null),
        };
    }

    private FormValue ReadNumber(string text) =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number)
            ? FormValue.Wrong("A number is needed, such as 2.5.")
            : InRange(number, "The number") ?? new FormValue(number, null);

    private FormValue ReadWholeNumber(string text) =>
        !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? FormValue.Wrong("A whole number is needed, such as 3.")
            : InRange(number, "The number") ?? new FormValue(number, null);

    private static FormValue ReadYesNo(string text) => text.ToLowerInvariant() switch
    {
        "y" or "yes" or "true" => new FormValue(true, null),
        "n" or "no" or "false" => new FormValue(false, null),
        _ => FormValue.Wrong("Type yes or no."),
    };

    private FormValue ReadChoice(string text) =>
        Find(text) is { } choice ? new FormValue(choice.Value, null) : FormValue.Wrong($"'{text}' is not a choice. Type its number or its name.");

    private FormValue ReadChoices(string text)
    {
        var chosen = new List<string>();
        foreach (string part in Find(text) is not null ? [text] : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Find(part) is not { } choice)
                return FormValue.Wrong($"'{part}' is not a choice. Type numbers or names with commas between them.");
            if (!chosen.Contains(choice.Value))
                chosen.Add(choice.Value);
        }

        return InRange(chosen.Count, "The number of choices") ?? new FormValue(chosen.ToArray(), null);
    }

    private string TitleOf(string value) => Choices.First(choice => choice.Value == value).Title;

    /// <summary>A choice by its value or title, else by its number from 1.</summary>
    private FormChoice? Find(string text) =>
        Choices.FirstOrDefault(choice => choice.Value == text)
        ?? Choices.FirstOrDefault(choice => choice.Title.Equals(text, StringComparison.OrdinalIgnoreCase) || choice.Value.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= Choices.Count ? Choices[number - 1] : null);

    /// <summary>The fault of a number out of its range; null if it is in it.</summary>
    internal FormValue? InRange(double number, string what) =>
        number < Least ? FormValue.Wrong(string.Create(CultureInfo.InvariantCulture, $"{what} must be at least {Least}."))
        : number > Most ? FormValue.Wrong(string.Create(CultureInfo.InvariantCulture, $"{what} must be at most {Most}."))
        : null;
}

/// <summary>The value of a field, or what is wrong with the typed text.</summary>
/// <param name="Value">The value; null for none.</param>
/// <param name="Fault">A sentence for the user; null without a fault.</param>
internal readonly record struct FormValue(object? Value, string? Fault)
{
    public static FormValue Wrong(string fault) => new(null, fault);
}
