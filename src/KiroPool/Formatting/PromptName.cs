using System.Globalization;

namespace KiroPool.Formatting;

/// <summary>Names a prompt of a batch in a message: by its number, and by its input if that has a name. The text of a prompt is in no message.</summary>
internal static class PromptName
{
    /// <summary>For example "Prompt 3 (Program.cs)".</summary>
    public static string Of(int index, object? input) =>
        string.Create(CultureInfo.InvariantCulture, $"Prompt {index}{(InputName.Of(input) is { } name ? $" ({name})" : "")}");
}
