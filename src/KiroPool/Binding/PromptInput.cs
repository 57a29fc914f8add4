using System.Collections;
using System.Management.Automation;
using System.Text;
using KiroPool.Binding.Objects;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Formatting;

namespace KiroPool.Binding;

/// <summary>The text of a prompt and its parts.</summary>
internal readonly record struct PromptContent(string? Prompt, IReadOnlyList<PromptPart> Attachments)
{
    /// <summary>Whether its input is blank, so that it is skipped.</summary>
    public bool IsAboutNothing { get; init; }
}

/// <summary>
/// Makes prompts from piped input. Without -Prompt the input is the prompt; with it, the input goes with the prompt.
/// </summary>
/// <param name="embed">Sends the text of files instead of links to them.</param>
/// <param name="objects">Converts objects to text.</param>
/// <param name="hosts">Where files are on the hosts of the agents; null if all agents run here.</param>
internal sealed class PromptInput(bool embed, ObjectText objects, PathMap? hosts = null)
{
    /// <summary>The prompt itself, unless it is blank.</summary>
    public static string Checked(string? prompt) => string.IsNullOrWhiteSpace(prompt) ? throw KiroException.PromptEmpty() : prompt;

    /// <summary>The text of a string, a number or a result of another prompt; null for other input.</summary>
    public static string? TextOf(object? input) => Unwrapped(input) switch
    {
        string text => text,
        PromptResult result => result.Text,
        { } scalar when IsScalar(scalar) => ObjectText.Plain(PSObject.AsPSObject(scalar)),
        _ when IsResult(input) => ((PSObject)input!).Properties["Text"]?.Value as string ?? "",
        _ => null,
    };

    /// <summary>Whether it is the result of another prompt, of this process or a copy from another.</summary>
    public static bool IsResult(object? input) =>
        Unwrapped(input) is PromptResult || CopiedObject.Is(input, typeof(PromptResult).FullName!);

    /// <summary>Returns the prompt of an input without -Prompt.</summary>
    public static string ReadText(object? input) => Unwrapped(input) switch
    {
        null => throw KiroException.PromptEmpty(),
        FileInfo file => PromptFile.ReadText(file.FullName),
        DirectoryInfo directory => throw KiroException.PromptMissing(
            $"'{directory.FullName}' is a directory. Use -Prompt to say what to do with it: … | Invoke-KiroPrompt -Prompt 'Review this directory'."),
        { } value => (IsResult(input) ? null : TextOf(input)) ?? throw KiroException.PromptMissing(
            $"An input of type {value.GetType().Name} is not a prompt. Use -Prompt to say what to do with it: … | Invoke-KiroPrompt -Prompt 'Explain this'."),
    };

    /// <summary>Returns the part for an input with -Prompt.</summary>
    public IReadOnlyList<PromptPart> ReadAttachments(object? input) => Unwrapped(input) switch
    {
        null => [],
        FileSystemInfo file => [ReadFile(file.FullName)],
        _ when PathOfCopy(input) is { } path => [new PromptPart.Text(path)],
        IList list when list.Cast<object?>().Any(element => Unwrapped(element) is FileSystemInfo) => Join(list.Cast<object?>().SelectMany(ReadAttachments)),
        _ => [new PromptPart.Text(TextOf(input) ?? objects.Of(PSObject.AsPSObject(input!)))],
    };

    /// <summary>
    /// The parts of many inputs. Consecutive texts become one, line by line, which reverses Get-Content.
    /// </summary>
    public static IReadOnlyList<PromptPart> Join(IEnumerable<PromptPart> inputs)
    {
        var parts = new List<PromptPart>();
        StringBuilder? text = null;
        foreach (PromptPart part in inputs)
        {
            if (part is PromptPart.Text piece)
            {
                text = text is null ? new StringBuilder(piece.Value) : text.Append('\n').Append(piece.Value);
                continue;
            }

            Flush();
            parts.Add(part);
        }

        Flush();
        return parts;

        void Flush()
        {
            if (text is not null)
                parts.Add(new PromptPart.Text(text.ToString()));
            text = null;
        }
    }

    /// <summary>The number of sent characters of a part; 0 for a link or an image.</summary>
    public static int LengthOf(PromptPart part) => part switch
    {
        PromptPart.Text text => text.Value.Length,
        PromptPart.Embedded file => file.Content.Length,
        _ => 0,
    };

    /// <summary>Whether an input is blank, so that a prompt about it would be useless.</summary>
    public static bool IsBlank(IEnumerable<PromptPart> parts) => parts.All(part => part is PromptPart.Text text && string.IsNullOrWhiteSpace(text.Value));

    /// <summary>The part for a file or directory.</summary>
    public PromptPart ReadFile(string path)
    {
        string? there = hosts?.Of(path);
        if (PromptPart.Image.MediaTypeOf(path) is { } mediaType && File.Exists(path))
            return new PromptPart.Image(path, mediaType) { HostPath = there, IsOnlyHere = hosts is not null && there is null };
        if (!embed)
            return hosts is null || there is not null ? new PromptPart.Link(path) { HostPath = there } : EmbedForHosts(path);
        return Directory.Exists(path)
            ? throw KiroException.InputNotSupported(path)
            : new PromptPart.Embedded(path, PromptFile.ReadText(path));
    }

    /// <summary>The part for a file that the hosts do not have: its text, because a link would lead to nothing.</summary>
    private static PromptPart.Embedded EmbedForHosts(string path)
    {
        if (Directory.Exists(path))
            throw KiroException.FileNotOnHost(path, "it is a directory, which cannot be sent");
        try
        {
            return new PromptPart.Embedded(path, PromptFile.ReadText(path));
        }
        catch (KiroException e) when (e.Id is nameof(KiroException.PromptFileTooLarge) or nameof(KiroException.PromptFileNotText))
        {
            throw KiroException.FileNotOnHost(path, $"it is not text of at most {PromptFile.MaxBytes >> 20} MiB, which would be sent");
        }
    }

    /// <summary>The path of a file that another process or host has sent, which is a file there; null for any other input.</summary>
    private static string? PathOfCopy(object? input) =>
        CopiedObject.Is(input, typeof(FileSystemInfo).FullName!) ? ((PSObject)input!).Properties["FullName"]?.Value as string : null;

    private static object? Unwrapped(object? input) => input is PSObject { BaseObject: var value } ? value : input;

    private static bool IsScalar(object input) => input is char or bool or Guid or DateTime or DateTimeOffset or Enum || input.GetType().IsPrimitive || input is decimal;
}
