namespace KiroPool.Engine.Agents;

/// <summary>A piece of a prompt, in the order the agent gets it.</summary>
public abstract record PromptPart
{
    private PromptPart()
    {
    }

    /// <summary>Text, as it is.</summary>
    /// <param name="Value">The text.</param>
    public sealed record Text(string Value) : PromptPart;

    /// <summary>A file or directory that the agent may read itself. Its content is not sent.</summary>
    /// <param name="Path">The full path.</param>
    public sealed record Link(string Path) : PromptPart
    {
        /// <summary>The full path on the hosts of the agents; null if it is the same.</summary>
        public string? HostPath { get; init; }
    }

    /// <summary>A file whose text is sent.</summary>
    /// <param name="Path">The full path, which tells the agent the source of the text.</param>
    /// <param name="Content">The text.</param>
    public sealed record Embedded(string Path, string Content) : PromptPart;

    /// <summary>An image: sent whole to agents that accept images, as a link to others or above 5 MiB.</summary>
    /// <param name="Path">The full path.</param>
    /// <param name="MediaType">Its type, such as <c>image/png</c>.</param>
    public sealed record Image(string Path, string MediaType) : PromptPart
    {
        /// <summary>The full path on the hosts of the agents; null if it is the same.</summary>
        public string? HostPath { get; init; }

        /// <summary>Whether the hosts of the agents do not have the file, so that a link to it would be useless.</summary>
        public bool IsOnlyHere { get; init; }

        /// <summary>The largest image that is sent whole, in bytes. The limits of models are lower still.</summary>
        public const long MaxBytes = 5 * 1024 * 1024;

        /// <summary>The media type of an image file, by its extension; null for any other file.</summary>
        /// <param name="path">A file name or path.</param>
        public static string? MediaTypeOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".gif" => "image/gif",
            ".webp" => "image/webp",
            _ => null,
        };
    }
}
