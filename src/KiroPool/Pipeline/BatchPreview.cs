using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Formatting;
using KiroPool.Journal;

namespace KiroPool.Pipeline;

/// <summary>Counts and describes the prompts of an invocation with -WhatIf. Starts no process and sends nothing.</summary>
/// <param name="cmdlet">Shows the description.</param>
/// <param name="target">The agent of the prompts.</param>
/// <param name="journal">The outcomes of an earlier run, which would not be sent again.</param>
/// <param name="retryIndeterminate">Whether a prompt whose agent died would be sent again.</param>
internal sealed class BatchPreview(Cmdlet cmdlet, string target, PromptJournal? journal, bool retryIndeterminate) : IPromptBatch
{
    private int _prompts;
    private int _done;
    private int _skipped;
    private long _characters;
    private long _files;

    public void Add(PromptRequest request, object? target, JournalKey key = default, Session? session = null)
    {
        if (journal?.IsDone(key, request.IsSlashCommand, retryIndeterminate) == true)
        {
            _done++;
            return;
        }

        _prompts++;
        _characters += request.Prompt.Length + request.Attachments.Sum(part => (long)PromptInput.LengthOf(part));
        _files += request.Attachments.Count(part => part is not PromptPart.Text);
    }

    public void AddError(ErrorRecord error) => cmdlet.WriteError(error);

    public void Skip(int count) => _skipped += count;

    public void Cancel()
    {
        // Nothing runs.
    }

    public void Complete()
    {
        string files = _files == 0 ? "" : $" and {Amount.Of(_files, "file")}";
        string done = _done == 0 ? "" : $"; {Amount.Of(_done, "more is", "more are")} in the journal";
        string skipped = _skipped == 0 ? "" : $"; {Amount.Of(_skipped, "blank input is", "blank inputs are")} skipped";
        cmdlet.ShouldProcess(target, $"Send {Amount.Of(_prompts, "prompt")} ({Amount.Of(_characters, "character")}{files}{done}{skipped})");
    }

    public void Dispose()
    {
    }
}
