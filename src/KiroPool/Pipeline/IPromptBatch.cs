using System.Management.Automation;
using KiroPool.Engine.Prompting;
using KiroPool.Journal;

namespace KiroPool.Pipeline;

/// <summary>Handles the prompts of one invocation in input order.</summary>
internal interface IPromptBatch : IDisposable
{
    /// <summary>Adds a prompt.</summary>
    /// <param name="request">The prompt.</param>
    /// <param name="target">The target of an error: the user's own object.</param>
    /// <param name="key">The key in the journal, if there is one.</param>
    /// <param name="session">The session of this prompt alone; null for that of the batch, if it has one.</param>
    void Add(PromptRequest request, object? target, JournalKey key = default, Session? session = null);

    /// <summary>Reports an input that is not a prompt. Its error replaces its result.</summary>
    void AddError(ErrorRecord error);

    /// <summary>Counts inputs that are neither a prompt nor an error.</summary>
    void Skip(int count);

    /// <summary>Cancels all prompts without waiting.</summary>
    void Cancel();

    /// <summary>Marks the end of the input and waits for the remaining prompts.</summary>
    void Complete();
}
