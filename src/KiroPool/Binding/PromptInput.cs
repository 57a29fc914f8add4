using System.Management.Automation;
using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>An input that cannot become a prompt.</summary>
internal sealed class PromptInputException(string errorId, string message, Exception? inner = null) : Exception(message, inner)
{
    public string ErrorId { get; } = errorId;
}

/// <summary>The text of a prompt and its parts.</summary>
internal readonly record struct PromptContent(string? Prompt, IReadOnlyList<PromptPart> Attachments);

/// <summary>
/// Makes prompts from piped input. Without -Prompt the input is the prompt; with it, the input goes with the prompt.
/// </summary>
/// <param name="embed">Sends the text of files instead of links to them.</param>
/// <param name="toJson">Converts an object to JSON.</param>
internal sealed class PromptInput(bool embed, Func<object, string> toJson)
{
    private const string DeserializedResult = "Deserialized.KiroPool.PromptResult";

    /// <summary>The prompt itself, unless it is blank.</summary>
    public static string Checked(string? prompt) => string.IsNullOrWhiteSpace(prompt) ? throw Empty() : prompt;

    /// <summary>The text of a string, a number or a result of another prompt; null for other input.</summary>
    public static string? TextOf(object? input) => Unwrapped(input) switch
    {
        string text => text,
        PromptResult result => result.Text,
        { } scalar when IsScalar(scalar) => LanguagePrimitives.ConvertTo<string>(scalar),
        _ when IsResult(input) => ((PSObject)input!).Properties["Text"]?.Value as string ?? "",
        _ => null,
    };

    /// <summary>Whether it is the result of another prompt, of this process or a copy from another.</summary>
    public static bool IsResult(object? input) =>
        Unwrapped(input) is PromptResult || (input is PSObject copy && copy.TypeNames.Contains(DeserializedResult));

    /// <summary>Returns the prompt of an input without -Prompt.</summary>
    public static string ReadText(object? input) => Unwrapped(input) switch
    {
        null => throw Empty(),
        FileInfo file => PromptFile.ReadText(file.FullName),
        DirectoryInfo directory => throw new PromptInputException(
            KiroErrors.PromptMissing,
            $"'{directory.FullName}' is a directory. Use -Prompt to say what to do with it: … | Invoke-KiroPrompt -Prompt 'Review this directory'."),
        { } value => (IsResult(input) ? null : TextOf(input)) ?? throw new PromptInputException(
            KiroErrors.PromptMissing,
            $"An input of type {value.GetType().Name} is not a prompt. Use -Prompt to say what to do with it: … | Invoke-KiroPrompt -Prompt 'Explain this'."),
    };

    /// <summary>Returns the part for an input with -Prompt.</summary>
    public IReadOnlyList<PromptPart> ReadAttachments(object? input) => Unwrapped(input) switch
    {
        null => [],
        FileSystemInfo file => [ReadFile(file.FullName)],
        _ when TextOf(input) is { } text => [new PromptPart.Text(text)],
        _ => [new PromptPart.Text(toJson(input!))],
    };

    /// <summary>
    /// Returns the parts for many inputs. Consecutive texts become one, line by line, which reverses Get-Content.
    /// </summary>
    public IReadOnlyList<PromptPart> ReadAttachments(IEnumerable<object?> inputs)
    {
        var parts = new List<PromptPart>();
        var text = new StringBuilder();
        foreach (PromptPart part in inputs.SelectMany(ReadAttachments))
        {
            if (part is PromptPart.Text piece)
            {
                text.Append(text.Length > 0 ? "\n" : "").Append(piece.Value);
                continue;
            }

            Flush();
            parts.Add(part);
        }

        Flush();
        return parts;

        void Flush()
        {
            if (text.Length > 0)
                parts.Add(new PromptPart.Text(text.ToString()));
            text.Clear();
        }
    }

    /// <summary>The part for a file or directory.</summary>
    public PromptPart ReadFile(string path)
    {
        if (PromptPart.Image.MediaTypeOf(path) is { } mediaType && File.Exists(path))
            return new PromptPart.Image(path, mediaType);
        if (!embed)
            return new PromptPart.Link(path);
        return Directory.Exists(path)
            ? throw new PromptInputException(KiroErrors.InputNotSupported, $"'{path}' is a directory, which has no text to embed. Omit -Embed to attach it as a link.")
            : new PromptPart.Embedded(path, PromptFile.ReadText(path));
    }

    private static object? Unwrapped(object? input) => input is PSObject { BaseObject: var value } ? value : input;

    private static bool IsScalar(object input) => input is char or bool or Guid or DateTime or DateTimeOffset or Enum || input.GetType().IsPrimitive || input is decimal;

    private static PromptInputException Empty() => new(KiroErrors.PromptEmpty, "The prompt is empty.");
}
