namespace KiroPool;

/// <summary>Something the agent said while it worked on a prompt.</summary>
public sealed class PromptUpdate
{
    /// <summary>The place of the prompt in its batch, from 0.</summary>
    public int Index { get; internal set; }

    /// <summary>Text, Thought or ToolCall.</summary>
    public required string Kind { get; init; }

    /// <summary>The piece of text, for Text and Thought.</summary>
    public string Text { get; init; } = "";

    /// <summary>The tool call as it stands now, for ToolCall.</summary>
    public ToolCall? ToolCall { get; init; }

    /// <summary>What a person would read.</summary>
    public override string ToString() => ToolCall?.ToString() ?? Text;

    internal static PromptUpdate ForText(string text) => new() { Kind = "Text", Text = text };

    internal static PromptUpdate ForThought(string text) => new() { Kind = "Thought", Text = text };

    internal static PromptUpdate ForToolCall(ToolCall call) => new() { Kind = "ToolCall", ToolCall = call };
}
