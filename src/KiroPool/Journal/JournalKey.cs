using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KiroPool.Engine.Agents;

namespace KiroPool.Journal;

/// <summary>The key of a prompt in the journal: the sent input, and the number among equal ones.</summary>
/// <param name="Hash">The shortened SHA-256 of the prompt and its parts.</param>
/// <param name="Occurrence">The number among equal prompts, from 0.</param>
internal readonly record struct JournalKey(string Hash, int Occurrence);

/// <summary>
/// Makes the keys of one run. The key depends on the sent input, not on its position. A file is the same as long as its
/// path, length and time of the last change are.
/// </summary>
internal sealed class JournalKeys
{
    // 128 bits are unique for a batch of any size.
    private const int KeyBytes = 16;

    private readonly Dictionary<string, int> _seen = [];

    /// <summary>The key of the next prompt of the input.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="input">The piped input. A prompt file counts as a file.</param>
    /// <param name="parts">The parts of the prompt.</param>
    /// <param name="own">The names and values of what the input chose for itself, which are the batch's otherwise.</param>
    public JournalKey Next(string prompt, object? input, IEnumerable<PromptPart> parts, IEnumerable<KeyValuePair<string, string>>? own = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, "prompt", prompt);
        foreach (object? one in input as object?[] ?? [input])
        {
            if (one is FileSystemInfo file)
                Add(hash, "input", IdentityOf(file.FullName));
        }

        foreach (PromptPart part in parts)
        {
            switch (part)
            {
                case PromptPart.Text text:
                    Add(hash, "text", text.Value);
                    break;
                case PromptPart.Link link:
                    Add(hash, "link", IdentityOf(link.Path));
                    break;
                case PromptPart.Image image:
                    Add(hash, "image", IdentityOf(image.Path));
                    break;
                case PromptPart.Embedded embedded:
                    Add(hash, "embedded", IdentityOf(embedded.Path));
                    Add(hash, "content", embedded.Content);
                    break;
            }
        }

        foreach ((string name, string value) in own ?? [])
            Add(hash, name, value);

        string key = Convert.ToHexString(hash.GetHashAndReset().AsSpan(0, KeyBytes));
        int occurrence = _seen.GetValueOrDefault(key);
        _seen[key] = occurrence + 1;
        return new JournalKey(key, occurrence);
    }

    /// <summary>
    /// Path, length and time of a file; only the path of a directory. A link counts as its target. The time of a directory
    /// does not reflect the content of its files, and a journal written into it would change it.
    /// </summary>
    public static string IdentityOf(string path)
    {
        if (FileTarget.Of(path) is not { } file)
            return path;
        string target = file.FullName == path ? "" : $" -> {file.FullName}";
        return string.Create(CultureInfo.InvariantCulture, $"{path}{target} ({file.Length} bytes, {file.LastWriteTimeUtc:O})");
    }

    // Names and lengths are included, because otherwise "ab" + "c" would equal "a" + "bc".
    private static void Add(IncrementalHash hash, string name, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
