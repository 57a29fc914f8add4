using System.Globalization;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.Journal;

namespace KiroPool.Commands;

/// <content>The journal of a batch, which lets an interrupted batch continue.</content>
public sealed partial class InvokeKiroPromptCommand
{
    private string? _journalPath;
    private PromptJournal? _journal;

    /// <summary>A file that records every outcome. It holds prompts and answers, and only its owner may read it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get; set; }

    /// <summary>
    /// Runs only prompts without a completed outcome in the journal, and also writes the earlier results. Without a journal
    /// every prompt runs.
    /// </summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>With -Resume: repeats prompts whose agent died, although the agent may have done the work.</summary>
    [Parameter]
    public SwitchParameter RetryIndeterminate { get; set; }

    private void ReadJournalPath()
    {
        if (JournalPath is null && (Resume || RetryIndeterminate))
            throw Terminate(KiroErrors.Create(KiroException.JournalPathMissing(Resume ? nameof(Resume) : nameof(RetryIndeterminate))));
        if (JournalPath is null)
            return;
        _journalPath = SessionState.ResolveFile(JournalPath) ?? throw Terminate(KiroErrors.Create(
            KiroException.JournalWriteFailed(JournalPath, "cannot be written: it is not in the file system.")));
    }

    private void OpenJournal(string protocol)
    {
        if (_journalPath is null)
            return;
        try
        {
            _journal = PromptJournal.Open(_journalPath, JournalHeader.Create(AnswerOptions(protocol)), Resume);
        }
        catch (KiroException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }

        if (Resume)
            WriteVerbose($"The journal '{_journalPath}' has {Amount.Of(_journal.EarlierCount, "outcome")}.");
    }

    /// <summary>A session of this process is not the conversation that the earlier prompts ran in, until it is resumed.</summary>
    /// <exception cref="AgentException">The session has begun another conversation, and must not lose the earlier one.</exception>
    private void ResumeEarlierConversation(Session session)
    {
        if (_journal is null || !_journal.Conversations.TryGetValue(session.Name, out JournalConversation? earlier))
            return;
        try
        {
            session.ResumeFrom(earlier.SessionId, earlier.WasAnswered, earlier.HostName);
        }
        catch (AgentException) when (AllowNewConversation)
        {
            // The other conversation goes on.
        }

        // Once: after this, the conversation is what this run makes of it.
        _journal.Conversations.Remove(session.Name);
    }

    /// <summary>The common options of the batch that change its answers.</summary>
    private IEnumerable<KeyValuePair<string, string?>> AnswerOptions(string protocol)
    {
        yield return new(nameof(Prompt), _promptBlock is not null ? "(script block)" : _promptText);
        yield return new(nameof(Session), _session?.Name ?? _sessionName);
        yield return new(nameof(Agent), _spec is null || _sessionName is not null ? Agent : _spec.Agent);
        yield return new(nameof(Model), _spec is null || _sessionName is not null ? Model : _spec.Model);
        yield return new(nameof(WorkingDirectory), _spec?.WorkingDirectory ?? _session?.WorkingDirectory);
        yield return new("Protocol", protocol);
        yield return new(nameof(Attachment), _attached.Count == 0 ? null : string.Join(", ", _attached.Select(IdentityOf)));
        yield return new(nameof(Embed), Embed.ToString());
        yield return new(nameof(Collect), Collect.ToString());
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Depth)))
            yield return new(nameof(Depth), Depth.ToString(CultureInfo.InvariantCulture));
        yield return new(nameof(SlashCommand), SlashCommand.ToString());

        // Only when given: journals of earlier versions know none of them.
        if (Fork)
            yield return new(nameof(Fork), Fork.ToString());
        if (_meta is not null)
            yield return new(nameof(PromptMeta), _meta);
        foreach (KeyValuePair<string, string?> setting in SettingsOfAnswers())
            yield return setting;
        if (_schema is not null)
            yield return new(nameof(Schema), _schema.Json);
    }

    private static string IdentityOf(PromptPart attached) => JournalKeys.IdentityOf(attached switch
    {
        PromptPart.Link link => link.Path,
        PromptPart.Image image => image.Path,
        PromptPart.Embedded embedded => embedded.Path,
        _ => throw new NotSupportedException($"-Attachment accepts files, not a part of type {attached.GetType().Name}."),
    });
}
