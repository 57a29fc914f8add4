using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>What a prompt's content blocks say to the agent. Kinds it does not take are dropped without a word.</summary>
internal sealed class PromptContent
{
    private PromptContent(string text, List<string> attachments)
    {
        Text = text;
        Attachments = attachments;
    }

    /// <summary>All text blocks, joined by blank lines.</summary>
    public string Text { get; }

    /// <summary>One line about each resource link and image.</summary>
    public IReadOnlyList<string> Attachments { get; }

    /// <summary>The JSON Schema that came with the prompt, for agents that take one.</summary>
    public string? OutputSchema { get; private init; }

    /// <summary>Everything that came in <c>_meta</c>, as JSON.</summary>
    public string? Meta { get; private init; }

    /// <summary>The span the client says the prompt belongs to.</summary>
    public string? TraceParent { get; private init; }

    // Only blanks may stand before the slash: U+2060 is no blank, which is how clients send such text literally.
    public bool IsCommand => Text.AsSpan().TrimStart().StartsWith('/');

    /// <summary>A prompt that is text and nothing else.</summary>
    public static PromptContent OfText(string text) => new(text, []);

    public static PromptContent Parse(JsonElement parameters, bool takesImages)
    {
        if (!parameters.TryGetProperty("prompt", out JsonElement blocks) || blocks.ValueKind != JsonValueKind.Array)
            throw RpcException.Invalid("prompt must be an array of content blocks");

        List<string> texts = [];
        List<string> attachments = [];
        foreach (JsonElement block in blocks.EnumerateArray())
        {
            switch (block.String("type"))
            {
                case "text":
                    texts.Add(block.String("text"));
                    break;
                case "resource_link":
                    attachments.Add($"Linked: {block.String("name")} ({Size(block.String("uri"))})");
                    break;
                case "image" when takesImages:
                    attachments.Add($"Image: {block.String("mimeType")}, {Convert.FromBase64String(block.String("data")).Length} bytes");
                    break;
            }
        }
        return new PromptContent(texts.Count == 1 ? texts[0] : string.Join("\n\n", texts), attachments)
        {
            Meta = parameters.TryGetProperty("_meta", out JsonElement all) ? all.GetRawText() : null,
            TraceParent = parameters.TryGetProperty("_meta", out JsonElement trace) ? trace.TryString("traceparent") : null,
            OutputSchema = parameters.TryGetProperty("_meta", out JsonElement meta) && meta.TryGetProperty("outputSchema", out JsonElement schema) ? schema.GetRawText() : null,
        };
    }

    private static string Size(string uri)
    {
        string path = Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) && parsed.IsFile ? parsed.LocalPath : uri;
        FileInfo file = new(path);
        if (file.Exists)
            return $"{file.Length} bytes";
        return Directory.Exists(path) ? "directory" : "missing bytes";
    }
}
