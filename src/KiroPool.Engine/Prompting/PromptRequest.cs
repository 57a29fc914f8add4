using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Prompting;

/// <summary>A prompt to run.</summary>
public sealed record PromptRequest
{
    /// <summary>The instruction; must not be empty or blank.</summary>
    public required string Prompt { get; init; }

    /// <summary>What goes with it, behind it: text, images, links to files.</summary>
    public IReadOnlyList<PromptPart> Attachments { get; init; } = [];

    /// <summary>The agent to run it on; the pool's own when null.</summary>
    public AgentSpec? Spec { get; init; }

    /// <summary>The place of the prompt in its batch, from 0; repeated on the result.</summary>
    public int Index { get; init; }

    /// <summary>Whatever the caller wants back on the result.</summary>
    public object? InputObject { get; init; }

    /// <summary>From being queued to the answer, start of an agent included; zero for no limit.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The longest silence of the agent during the turn; zero for no limit. Default: the pool's.</summary>
    public TimeSpan? InactivityTimeout { get; init; }

    /// <summary>
    /// How often a prompt that failed is run again, if the agent had neither said nor used anything. What certainly
    /// never reached an agent is run again in any case. 0 to 100. Default 0.
    /// </summary>
    public int RetryCount { get; init; }

    /// <summary>Whether a prompt that begins with '/' is meant as a command of the agent. Otherwise it is text like any other.</summary>
    public bool IsSlashCommand { get; init; }

    /// <summary>Told when the prompt is about to go to an agent: the process, and how long it waited. Again for every try.</summary>
    public Action<int?, TimeSpan>? OnSending { get; init; }

    /// <summary>The conversation this prompt belongs to; a conversation of its own when null. Its spec is the session's.</summary>
    public Session? Session { get; init; }

    /// <summary>
    /// Where the session's conversation cannot be had any more: begin a new one under its name, knowingly, instead of
    /// failing with SessionLost or SessionLocked. The result's <see cref="PromptResult.StartedAfresh"/> says so.
    /// </summary>
    public bool AllowNewConversation { get; init; }

    /// <summary>Which tools the agent may use; the pool's <see cref="AgentPool.Permissions"/> when null.</summary>
    public PermissionPolicy? Permissions { get; init; }

    /// <summary>Told of every update as it comes, on the agent's reader thread: must not block.</summary>
    public Action<PromptUpdate>? OnUpdate { get; init; }
}
