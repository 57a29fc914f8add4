using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace KiroPool;

/// <summary>A block of an answer that is not its running text: an image, a sound, a file or a link. All of it is said by the agent; do not trust it.</summary>
public sealed class AnswerBlock
{
    /// <summary>ACP's type: image, audio, resource (a file's content), resource_link, or one that came later.</summary>
    public required string Type { get; init; }

    /// <summary>What it is, such as <c>image/png</c>; null if the agent does not say.</summary>
    public string? MimeType { get; init; }

    /// <summary>The name of what a link leads to; null if the agent does not say.</summary>
    public string? Name { get; init; }

    /// <summary>Where it is from, or where a link leads; null if the agent does not say.</summary>
    public string? Uri { get; init; }

    /// <summary>A resource's content where that is text; null otherwise.</summary>
    public string? Text { get; init; }

    /// <summary>The bytes of an image, a sound or a resource that is no text; null where there are none, and in a journal once they are in a file.</summary>
    [SuppressMessage("Performance", "CA1819:Properties should not return arrays", Justification = "What [IO.File]::WriteAllBytes and Set-Content -AsByteStream take.")]
    public byte[]? Data { get; init; }

    /// <summary>How large it is, in bytes, as far as that is known.</summary>
    public long? Size { get; init; }

    /// <summary>The file it was saved to with <c>-ContentDirectory</c>; null if it was not.</summary>
    public string? Path { get; set; }

    /// <summary>The type in words, with name or address, kind and size.</summary>
    public override string ToString()
    {
        string?[] facts = [Path ?? Name ?? Uri, MimeType, Size is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes") : null];
        string said = string.Join(", ", facts.Where(fact => !string.IsNullOrEmpty(fact)));
        return said.Length == 0 ? $"[{Type}]" : $"[{Type}: {said}]";
    }
}
