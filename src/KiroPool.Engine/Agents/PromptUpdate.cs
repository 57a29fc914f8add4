using System.Globalization;
using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>One message of the agent during a turn.</summary>
public sealed record PromptUpdate
{
    /// <summary>The index of the prompt in its batch, from 0.</summary>
    public int Index { get; internal set; }

    /// <summary>Text, Thought, Content, ToolCall, Plan, Usage or Mode.</summary>
    public required string Kind { get; init; }

    /// <summary>The piece of text, for Text and Thought.</summary>
    public string Text { get; init; } = "";

    /// <summary>The block of the answer, for Content.</summary>
    public AnswerBlock? Content { get; init; }

    /// <summary>The present state of the tool call, for ToolCall.</summary>
    public ToolCall? ToolCall { get; init; }

    /// <summary>The whole present plan, for Plan.</summary>
    public IReadOnlyList<PlanStep> Plan { get; init; } = [];

    /// <summary>The used share of the context, 0 to 100, for Usage.</summary>
    public double? ContextPercent { get; init; }

    /// <summary>The agent (mode) now in force, for Mode.</summary>
    public string? Mode { get; init; }

    /// <summary>The update as readable text.</summary>
    public override string ToString() => Kind switch
    {
        "Content" => Content?.ToString() ?? "",
        "ToolCall" => ToolCall?.ToString() ?? "",
        "Plan" => string.Join(Environment.NewLine, Plan),
        "Usage" => ContextPercent is { } percent ? string.Create(CultureInfo.CurrentCulture, $"context {percent:0.#} % full") : "",
        "Mode" => $"now {TerminalText.Harmless(Mode)}",
        _ => Text,
    };

    internal static PromptUpdate ForText(string text) => new() { Kind = "Text", Text = text };

    internal static PromptUpdate ForThought(string text) => new() { Kind = "Thought", Text = text };

    internal static PromptUpdate ForContent(AnswerBlock block) => new() { Kind = "Content", Content = block };

    internal static PromptUpdate ForToolCall(ToolCall call) => new() { Kind = "ToolCall", ToolCall = call };

    internal static PromptUpdate ForPlan(IReadOnlyList<PlanStep> plan) => new() { Kind = "Plan", Plan = plan };

    internal static PromptUpdate ForUsage(double? contextPercent) => new() { Kind = "Usage", ContextPercent = contextPercent };

    internal static PromptUpdate ForMode(string mode) => new() { Kind = "Mode", Mode = mode };
}

/// <summary>One step of an agent's plan.</summary>
public sealed class PlanStep
{
    /// <summary>The task of the step.</summary>
    public string Content { get; init; } = "";

    /// <summary>high, medium or low.</summary>
    public string Priority { get; init; } = "medium";

    /// <summary>pending, in_progress or completed.</summary>
    public string Status { get; init; } = "pending";

    /// <summary>The step, after a box that is ticked when it is completed.</summary>
    public override string ToString() => $"[{(Status == "completed" ? "x" : Status == "in_progress" ? "-" : " ")}] {TerminalText.Harmless(Content)}";
}
