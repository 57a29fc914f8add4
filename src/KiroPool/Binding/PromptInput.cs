using System.Management.Automation;
using System.Text;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>An input that cannot become a prompt.</summary>
internal sealed class PromptInputException(string errorId, string message, Exception? inner = null) : Exception(message, inner)
{
    public string ErrorId { get; } = errorId;
}

/// <summary>Makes prompts of what is piped in. Without -Prompt the input is the prompt; with it, the input goes with the prompt.</summary>
internal static class PromptInput
{
    /// <summary>The largest file that is read as a prompt, in bytes.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The prompt for an input when -Prompt was not given.</summary>
    public static string ReadPrompt(object? input) => input switch
    {
        null => throw Empty(),
        string text => Checked(text),
        char or bool or IFormattable when IsScalar(input) => Checked(LanguagePrimitives.ConvertTo<string>(input)),
        FileInfo file => Checked(ReadFile(file)),
        DirectoryInfo directory => throw new PromptInputException(
            KiroErrors.PromptMissing,
            $"'{directory.FullName}' is a directory. Say with -Prompt what to do with it: … | Invoke-KiroPrompt -Prompt 'Review this directory'."),
        _ => throw new PromptInputException(
            KiroErrors.PromptMissing,
            $"An input of type {input.GetType().Name} is no prompt. Say with -Prompt what to do with it: … | Invoke-KiroPrompt -Prompt 'Explain this'."),
    };

    /// <summary>What goes with the prompt, for an input when -Prompt was given.</summary>
    public static IReadOnlyList<PromptPart> ReadAttachments(object? input) => input switch
    {
        null => [],
        string text => [new PromptPart.Text(text)],
        FileSystemInfo file => [new PromptPart.Link(file.FullName)],
        PromptResult result => [new PromptPart.Text(result.Text)],
        char or bool or IFormattable when IsScalar(input) => [new PromptPart.Text(LanguagePrimitives.ConvertTo<string>(input))],
        _ => throw new PromptInputException(
            KiroErrors.InputNotSupported,
            $"An input of type {input.GetType().Name} cannot go with a prompt. Make text of it first: … | ForEach-Object {{ ConvertTo-Json $_ }} | Invoke-KiroPrompt …"),
    };

    /// <summary>The prompt itself, if it says anything.</summary>
    public static string Checked(string? prompt) => string.IsNullOrWhiteSpace(prompt) ? throw Empty() : prompt;

    private static bool IsScalar(object input) => input is char or bool or Guid or DateTime or DateTimeOffset or Enum || input.GetType().IsPrimitive || input is decimal;

    private static string ReadFile(FileInfo file)
    {
        try
        {
            // A file can grow while it is read, so the limit is kept by the reading, not by a look at the length.
            using FileStream stream = file.OpenRead();
            var bytes = new byte[MaxFileBytes + 1];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > MaxFileBytes)
            {
                throw new PromptInputException(
                    KiroErrors.PromptFileTooLarge,
                    $"'{file.FullName}' is larger than {MaxFileBytes:N0} bytes, the limit for a prompt file. Attach it instead, with -Prompt.");
            }

            return Decode(bytes.AsSpan(0, count), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PromptInputException(KiroErrors.PromptFileUnreadable, $"'{file.FullName}' could not be read: {e.Message}", e);
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes, FileInfo file)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            if (!bytes.Contains((byte)0))
                return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // Said below.
        }

        throw new PromptInputException(
            KiroErrors.PromptFileNotText,
            $"'{file.FullName}' is not UTF-8 text, so it is no prompt. Attach it instead, with -Prompt.");
    }

    private static PromptInputException Empty() => new(KiroErrors.PromptEmpty, "The prompt is empty.");
}
