using System.Globalization;

namespace KiroPool.Formatting;

/// <summary>Names a prompt of a batch in a message: by its number, and by its input if that has a name. The text of a prompt is in no message.</summary>
internal static class PromptName
{
    /// <summary>For example "Prompt 3 (Program.cs)".</summary>
    /// <param name="index">Its index.</param>
    /// <param name="input">The name of its input (<see cref="InputName"/>); null without one.</param>
    public static string Of(int index, string? input) => string.Create(CultureInfo.InvariantCulture, $"Prompt {index}{(input is null ? "" : $" ({input})")}");
}
