using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>Converts the parts of a prompt to ACP content blocks. If an agent does not accept a form, a form that every agent accepts is used.</summary>
internal static class AcpContent
{
    /// <param name="parts">The parts, in their order.</param>
    /// <param name="accepts">The content that the agent accepts beyond text and links; null for none.</param>
    /// <param name="keepLiteral">Whether text that begins with a slash must not run as a command.</param>
    /// <exception cref="AgentException">NotSupported: an image cannot be sent, and a link to it would be useless.</exception>
    public static ContentBlock[] ToBlocks(IReadOnlyList<PromptPart> parts, PromptCapabilities? accepts, bool keepLiteral)
    {
        var blocks = new ContentBlock[parts.Count];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = ToBlock(parts[i], accepts, keepLiteral && i == 0);
        return blocks;
    }

    private static ContentBlock ToBlock(PromptPart part, PromptCapabilities? accepts, bool keepLiteral) => part switch
    {
        PromptPart.Text text => Text(keepLiteral ? KiroExtensions.KeepLiteral(text.Value) : text.Value),
        PromptPart.Link link => Link(link.Path, link.HostPath),
        PromptPart.Embedded file when accepts is { TakesEmbeddedText: true } => new ContentBlock("resource") { Resource = new TextResource(FileUri.Of(file.Path), file.Content) },
        PromptPart.Embedded file => Text($"{file.Path}:\n\n{file.Content}"),
        PromptPart.Image image when accepts is { TakesImages: true } && ReadImage(image.Path) is { } data => new ContentBlock("image") { MimeType = image.MediaType, Data = data },
        PromptPart.Image { IsOnlyHere: true } image => throw NotOnHost(image),
        PromptPart.Image image => Link(image.Path, image.HostPath),
        _ => throw new NotSupportedException($"ACP has no block for {part.GetType().Name}."),
    };

    private static ContentBlock Text(string text) => new("text") { Text = text };

    /// <summary>The failure of an image that the agent cannot read itself.</summary>
    internal static AgentException NotOnHost(PromptPart.Image image) => new(
        FailureKind.NotSupported,
        $"The image '{image.Path}' was not sent: the agent takes no images, or it is empty or larger than {PromptPart.Image.MaxBytes >> 20} MiB, and the host does not have the file. Map its directory with -PathMap of Start-KiroPool if the hosts have it.")
    { Value = image.Path };

    private static ContentBlock Link(string path, string? hostPath) => new("resource_link")
    {
        Uri = hostPath is null ? FileUri.Of(path) : FileUri.OfUnix(hostPath),
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)),
        Size = FileTarget.Of(path)?.Length,
    };

    /// <summary>Null if the file is gone, unreadable or too large. The agent then gets a link.</summary>
    private static byte[]? ReadImage(string path)
    {
        try
        {
            return FileTarget.Of(path) is { Length: > 0 and <= PromptPart.Image.MaxBytes } file ? File.ReadAllBytes(file.FullName) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
