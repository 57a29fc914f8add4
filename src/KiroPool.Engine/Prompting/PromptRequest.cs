using System.Diagnostics;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Prompting;

/// <summary>A prompt to run.</summary>
public sealed record PromptRequest
{
    /// <summary>The instruction; must not be empty or blank.</summary>
    public required string Prompt { get; init; }

    /// <summary>The parts after the instruction: text, images, links to files.</summary>
    public IReadOnlyList<PromptPart> Attachments { get; init; } = [];

    /// <summary>The agent to use; the pool's when null.</summary>
    public AgentSpec? Spec { get; init; }

    /// <summary>The index of the prompt in its batch, from 0; copied to the result.</summary>
    public int Index { get; init; }

    /// <summary>A short name for <see cref="PoolProcess.Prompt"/>, such as that of a file; null for the beginning of the prompt.</summary>
    public string? Name { get; init; }

    /// <summary>An object of the caller; copied to the result.</summary>
    public object? InputObject { get; init; }

    /// <summary>The limit from being queued to the answer, including the start of an agent; zero for no limit.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The longest silence of the agent during the turn; zero for no limit. Default: the pool's.</summary>
    public TimeSpan? InactivityTimeout { get; init; }

    /// <summary>
    /// How often a failed prompt is repeated, if the agent had sent no text and used no tool. A prompt that certainly never
    /// reached an agent is repeated in any case. 0 to 100. Default 0.
    /// </summary>
    public int RetryCount { get; init; }

    /// <summary>Whether a prompt that begins with '/' runs as a command of the agent. Otherwise it is ordinary text.</summary>
    public bool IsSlashCommand { get; init; }

    /// <summary>Called before the prompt is sent to an agent, with the process and the wait; again for every attempt.</summary>
    public Action<int?, TimeSpan>? OnSending { get; init; }

    /// <summary>
    /// Whether a session whose conversation cannot be resumed starts a new one instead of failing with SessionLost or
    /// SessionLocked. <see cref="PromptResult.StartedAfresh"/> of the result is then true.
    /// </summary>
    public bool AllowNewConversation { get; init; }

    /// <summary>
    /// Whether the prompt runs in a copy (a fork) of the session's conversation. Several such prompts run at the same time, and
    /// the conversation does not change. Only with a session.
    /// </summary>
    public bool Fork { get; init; }

    /// <summary>The permissions of the agent; <see cref="AgentPool.Permissions"/> of the pool when null.</summary>
    public PermissionPolicy? Permissions { get; init; }

    /// <summary>
    /// Answers the agent's questions to the user (elicitation); null if no user attends, and the questions are then cancelled.
    /// An agent asks only with <see cref="AgentSpec.IsInteractive"/>. Runs on a thread-pool thread. The token is cancelled when
    /// the answer is no longer needed.
    /// </summary>
    public Func<FormRequest, CancellationToken, Task<FormAnswer>>? FormHandler { get; init; }

    /// <summary>Receives every update on the reader thread of the agent. It must not block.</summary>
    public Action<PromptUpdate>? OnUpdate { get; init; }

    /// <summary>
    /// Whether the prompt waits while agents cannot be started and may be later, within its <see cref="Timeout"/>. Otherwise it
    /// fails when several starts in a row have failed. Default off.
    /// </summary>
    public bool WaitForAgent { get; init; }

    /// <summary>What the prompt waits for while no agent can be started.</summary>
    internal WaitRules WaitRules => WaitForAgent || Timeout > TimeSpan.Zero ? new WaitRules(WaitForAgent, HasOwnLimit: Timeout > TimeSpan.Zero) : WaitRules.Usual;

    /// <summary>Decides whether the answer is what was asked for; null when any answer is.</summary>
    public IAnswerReview? Review { get; init; }

    /// <summary>What this prompt and others may cost together, in addition to the pool's own limit; null for no limit.</summary>
    public SpendingLimit? SpendingLimit { get; init; }

    /// <summary>A JSON object for <c>_meta</c> of the prompt, for extensions of the agent; null for none. Only ACP has it.</summary>
    public string? Meta { get; init; }

    /// <summary>The span that the prompt belongs to; the current one of the caller if it is empty. Without a listener of the activity source KiroPool it is not used.</summary>
    public ActivityContext TraceParent { get; init; }

    /// <summary>Checks the limits, so that a wrong one fails before an agent is requested.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the property, its value and its range.</exception>
    internal void Validate()
    {
        Check(nameof(Timeout), Timeout);
        Check(nameof(InactivityTimeout), InactivityTimeout ?? TimeSpan.Zero);
        Permissions?.Validate();
        if (RetryCount is < 0 or > 100)
            throw new ArgumentOutOfRangeException(nameof(RetryCount), RetryCount, $"RetryCount must be 0 to 100, but is {RetryCount}.");

        static void Check(string name, TimeSpan value)
        {
            if (value < TimeSpan.Zero || value > LimitTimer.Longest)
                throw new ArgumentOutOfRangeException(name, value, $"{name} must be 0 (none) to {LimitTimer.Longest.Days} days, but is {value}.");
        }
    }
}
