using System.Management.Automation;
using KiroPool.Engine.Prompting;
using KiroPool.Journal;

namespace KiroPool.Pipeline;

/// <summary>What becomes of the prompts of one invocation, in the order of its input.</summary>
internal interface IPromptBatch : IDisposable
{
    /// <summary>Takes a prompt.</summary>
    /// <param name="request">The prompt.</param>
    /// <param name="target">What an error is about: the user's own object.</param>
    /// <param name="key">What the journal knows it by, if there is one.</param>
    void Add(PromptRequest request, object? target, JournalKey key = default);

    /// <summary>Takes an input that could not become a prompt: its error stands where its result would have been.</summary>
    void AddError(ErrorRecord error);

    /// <summary>Counts inputs that are no prompt and no error.</summary>
    void Skip(int count);

    /// <summary>Wants everything to end; does not wait.</summary>
    void Cancel();

    /// <summary>The input is through: waits for the rest.</summary>
    void Complete();
}
