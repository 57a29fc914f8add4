using System.Globalization;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Journal;

namespace KiroPool.Pipeline;

/// <summary>Counts and describes the prompts of an invocation with -WhatIf. Starts no process and sends nothing.</summary>
/// <param name="cmdlet">Shows the description.</param>
/// <param name="target">The agent of the prompts.</param>
/// <param name="journal">The outcomes of an earlier run, which would not be sent again.</param>
internal sealed class BatchPreview(Cmdlet cmdlet, string target, PromptJournal? journal) : IPromptBatch
{
    private int _prompts;
    private int _done;
    private int _skipped;
    private long _characters;
    private long _files;

    public void Add(PromptRequest request, object? target, JournalKey key = default, Session? session = null)
    {
        if (journal?.OutcomeOf(key) == nameof(PromptOutcome.Completed))
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
        string files = _files switch { 0 => "", 1 => " and 1 file", _ => string.Create(CultureInfo.InvariantCulture, $" and {_files:N0} files") };
        string done = _done == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {_done:N0} more are in the journal");
        string skipped = _skipped == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {_skipped:N0} blank inputs are skipped");
        cmdlet.ShouldProcess(target, string.Create(CultureInfo.InvariantCulture, $"Send {_prompts:N0} {(_prompts == 1 ? "prompt" : "prompts")} ({_characters:N0} characters{files}{done}{skipped})"));
    }

    public void Dispose()
    {
    }
}
