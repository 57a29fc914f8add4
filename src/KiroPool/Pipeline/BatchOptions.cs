using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Journal;
using KiroPool.Schemas;

namespace KiroPool.Pipeline;

/// <summary>The options of a batch.</summary>
internal sealed record BatchOptions
{
    /// <summary>The largest number of prompts at a time.</summary>
    public required int ThrottleLimit { get; init; }

    /// <summary>The session the prompts belong to; null for a conversation of each prompt's own.</summary>
    public Session? Session { get; init; }

    /// <summary>Whether output keeps the order of the input.</summary>
    public bool Ordered { get; init; }

    /// <summary>Whether updates are written.</summary>
    public bool Stream { get; init; }

    /// <summary>The number of failures that ends the batch; 0 for never.</summary>
    public int MaxFailures { get; init; }

    public bool Verbose { get; init; }

    public bool Debug { get; init; }

    /// <summary>The journal of the outcomes; null for none.</summary>
    public PromptJournal? Journal { get; init; }

    /// <summary>The limits of the costs of all prompts, and the costs so far.</summary>
    public required SpendingLimit SpendingLimit { get; init; }

    /// <summary>The form of each answer; null if any text is an answer.</summary>
    public AnswerSchema? Schema { get; init; }

    /// <summary>How often an agent is asked again for an answer that fits the schema.</summary>
    public int SchemaRetryCount { get; init; }

    /// <summary>Whether the values are written instead of the results.</summary>
    public bool Expand { get; init; }

    /// <summary>Whether Indeterminate prompts of an earlier run are repeated.</summary>
    public bool RetryIndeterminate { get; init; }

    /// <summary>The agent of the prompts that name none themselves; null with a session.</summary>
    public AgentSpec? Spec { get; init; }

    /// <summary>Where answers flow as text instead of being written as objects; null where they are written.</summary>
    public StreamedText? Screen { get; init; }

    /// <summary>Whether errors say which prompt they are about, because there may be several.</summary>
    public bool NamesPrompts { get; init; }

    /// <summary>What saves the content of answers besides their text; null where it only stays on the results.</summary>
    public ContentFiles? ContentFiles { get; init; }
}
