namespace KiroPool.Engine.Agents;

/// <summary>
/// A question of an agent to its user: a form to fill in, or an address to visit. Its texts come from the agent or from a
/// server of it, so show them through <see cref="TerminalText"/>.
/// </summary>
public sealed class FormRequest
{
    /// <summary>The agent's session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The tool call that needs the answer; null if the agent names none.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>What is needed, and why.</summary>
    public string Message { get; init; } = "";

    /// <summary>The heading of the form; null without one.</summary>
    public string? Title { get; init; }

    /// <summary>The explanation of the form; null without one.</summary>
    public string? Description { get; init; }

    /// <summary>The fields in the agent's order; empty for an address, and for a plain confirmation.</summary>
    public IReadOnlyList<FormField> Fields { get; init; } = [];

    /// <summary>The http or https address to visit; null for a form. KiroPool never opens it.</summary>
    public Uri? Address { get; init; }
}

/// <summary>What the user does with a question.</summary>
public enum FormAction
{
    /// <summary>The user dismisses it without a choice.</summary>
    Cancel,

    /// <summary>The user refuses to answer.</summary>
    Decline,

    /// <summary>The user answers, or agrees to visit the address.</summary>
    Accept,
}

/// <summary>The answer to a <see cref="FormRequest"/>.</summary>
/// <param name="Action">What the user does.</param>
/// <param name="Values">What the user typed, by the name of the field. A missing or empty one means the default of the field. Only for Accept.</param>
public sealed record FormAnswer(FormAction Action, IReadOnlyDictionary<string, string>? Values = null)
{
    /// <summary>The question is dismissed.</summary>
    public static FormAnswer Cancelled { get; } = new(FormAction.Cancel);
}
