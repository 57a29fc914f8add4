using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.Journal;
using KiroPool.Pipeline;
using KiroPool.State;

namespace KiroPool.Commands;

/// <content>-WhatIf and -Confirm.</content>
public sealed partial class InvokeKiroPromptCommand
{
    /// <summary>With -WhatIf, the name of a session that the run would create.</summary>
    private string? _sessionName;

    private bool Asks =>
        MyInvocation.BoundParameters.TryGetValue("Confirm", out object? value)
            ? LanguagePrimitives.IsTrue(value)
            : SessionState.PSVariable.GetValue("ConfirmPreference") is ConfirmImpact.Low;

    /// <summary>Reads the same as a run, but starts no pool and no agent, and creates no session and no journal.</summary>
    private BatchPreview Preview()
    {
        RequireSessionToFork();
        RefuseSettingsOfSession();
        ReadMeta();
        string target;
        string protocol;
        if (Session is not null && ExistingSession() is { } session)
        {
            _session = session;
            (target, protocol) = ($"the session '{session.Name}'", RunspacePool.PoolOf(session)?.Protocol ?? "");
        }
        else
        {
            _sessionName = Session is null ? null : LanguagePrimitives.ConvertTo<string>(Session);
            _spec = PoolInUse is { } pool ? SpecFor(pool) : SpecOfDefaultPool();
            if (_sessionName is null)
                _spec = WithSettings(WithTrust(_spec));
            (target, protocol) = (_sessionName is null ? _spec.ToString() : $"a new session '{_sessionName}' of {_spec}", _spec.Protocol.ToString());
        }

        return new BatchPreview(this, TerminalText.Harmless(target), _journal = ReadJournal(protocol), RetryIndeterminate);
    }

    private Session? ExistingSession() =>
        Unwrapped(Session) as Session ?? PoolInUse?.Pool.Sessions.Find(LanguagePrimitives.ConvertTo<string>(Session));

    private AgentSpec SpecOfDefaultPool()
    {
        if (!RunspacePool.IsFirstRunspace)
            RequirePool();
        try
        {
            return SpecReader.Read(SessionState).With(Agent, Model, WorkingDirectory is null ? null : SessionState.ResolveDirectory(WorkingDirectory));
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    private PromptJournal? ReadJournal(string protocol)
    {
        try
        {
            return _journalPath is null ? null : PromptJournal.OpenToRead(_journalPath, JournalHeader.Create(AnswerOptions(protocol)), Resume);
        }
        catch (KiroException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>Whether this prompt may be sent, after a question with -Confirm.</summary>
    private bool IsConfirmed(PromptRequest request)
    {
        if (IsWhatIf || !Asks)
            return true;
        long characters = request.Prompt.Length + request.Attachments.Sum(part => (long)PromptInput.LengthOf(part));
        string target = TerminalText.Harmless((_session?.Name is { } name ? $"the session '{name}'" : null) ?? _spec!.ToString());
        return ShouldProcess(target, $"Send prompt {request.Index} ({Amount.Of(characters, "character")})");
    }
}
