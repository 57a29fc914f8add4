using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Journal;

/// <summary>A conversation in a journal.</summary>
/// <param name="SessionId">The agent's id; null if it has none.</param>
/// <param name="WasAnswered">Whether the agent has answered in it.</param>
/// <param name="HostName">The host of the agent.</param>
internal sealed record JournalConversation(string? SessionId, bool WasAnswered, string? HostName);

/// <summary>
/// The outcomes of a batch in a file, which let an interrupted batch continue. Workers append from any thread. The
/// pipeline thread reads earlier outcomes.
/// </summary>
internal sealed class PromptJournal : IDisposable
{
    private static ReadOnlySpan<byte> HeaderStart => "{\"kiroPoolJournal\":"u8;

    private readonly string _path;
    private readonly JournalFile _file;
    private readonly JournalWriter _writer;
    private readonly JournalKeys _keys = new();
    private readonly Dictionary<JournalKey, (string Outcome, bool HasAnswer, JournalLine Line)> _earlier = [];

    private PromptJournal(string path, JournalFile file)
    {
        _path = path;
        _file = file;
        _writer = new JournalWriter(file.Append);
    }

    /// <summary>The last conversation of each session, by its name, in which earlier prompts ran.</summary>
    public Dictionary<string, JournalConversation> Conversations { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The number of prompts with an outcome of an earlier run.</summary>
    public int EarlierCount => _earlier.Count;

    /// <summary>Whether an outcome could not be written. No more prompts should run, because their outcomes would be lost.</summary>
    public bool HasFailed => _writer.HasFailed;

    /// <summary>Reads a journal without writing to it; null if there is none.</summary>
    /// <exception cref="KiroException">As with <see cref="Open"/>.</exception>
    public static PromptJournal? OpenToRead(string path, JournalHeader header, bool resume)
    {
        if (!File.Exists(path))
            return null;
        if (!resume)
            throw KiroException.JournalExists(path, null);
        var journal = new PromptJournal(path, JournalFile.OpenToRead(path));
        try
        {
            journal.ReadAll(header);
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Creates or continues a journal.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="header">The options of this run.</param>
    /// <param name="resume">Whether a journal may exist already. It need not exist.</param>
    /// <exception cref="KiroException">The journal exists and must not, belongs to another batch, is in use or damaged, or cannot be written.</exception>
    public static PromptJournal Open(string path, JournalHeader header, bool resume)
    {
        JournalFile file = JournalFile.Open(path, resume);
        var journal = new PromptJournal(path, file);
        try
        {
            if (!journal.ReadAll(header))
                file.Append([JsonSerializer.SerializeToUtf8Bytes(header, JournalJson.Header)]);
            return journal;
        }
        catch (KiroException)
        {
            file.Discard();
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file.Discard();
            throw KiroException.JournalUnreadable(path, e);
        }
    }

    /// <summary>The key of the next prompt of the input. Called once for each, on the pipeline thread.</summary>
    public JournalKey NextKey(string prompt, object? input, IEnumerable<PromptPart> parts, IEnumerable<KeyValuePair<string, string>>? own = null) =>
        _keys.Next(prompt, input, parts, own);

    /// <summary>The outcome of a prompt in an earlier run; null if there is none.</summary>
    public string? OutcomeOf(JournalKey key) => _earlier.TryGetValue(key, out (string Outcome, bool HasAnswer, JournalLine Line) entry) ? entry.Outcome : null;

    /// <summary>Whether a prompt has an answer from an earlier run. A turn without an answer is not complete.</summary>
    public bool HasAnswer(JournalKey key) => _earlier.TryGetValue(key, out (string Outcome, bool HasAnswer, JournalLine Line) entry) && entry.HasAnswer;

    /// <summary>Whether a prompt is not run again: its record is its outcome in this run, too.</summary>
    /// <param name="key">The prompt.</param>
    /// <param name="isCommand">Whether it is a command of the agent, which need not answer.</param>
    /// <param name="retryIndeterminate">Whether a prompt whose agent died is run again.</param>
    public bool IsDone(JournalKey key, bool isCommand, bool retryIndeterminate) => OutcomeOf(key) switch
    {
        nameof(PromptOutcome.Completed) => isCommand || HasAnswer(key),
        nameof(PromptOutcome.Indeterminate) => !retryIndeterminate,
        _ => false,
    };

    /// <summary>The complete record of a prompt with an outcome in an earlier run.</summary>
    /// <exception cref="KiroException">The journal can no longer be read.</exception>
    public JournalRecord Read(JournalKey key)
    {
        JournalLine line = _earlier[key].Line;
        try
        {
            return Parse(line, _file.Read(line));
        }
        catch (IOException e)
        {
            throw KiroException.JournalUnreadable(_path, e);
        }
    }

    /// <summary>Writes the outcome of a prompt. After a failure, or after the journal was closed, nothing is written.</summary>
    /// <returns>Completes when it is on the disk, or will not be: with the failure, the first time only.</returns>
    public Task<KiroException?> AppendAsync(JournalKey key, PromptResult result, AgentException? failure) =>
        _writer.AppendAsync(JsonSerializer.SerializeToUtf8Bytes(JournalRecord.Create(key, result, failure), JournalJson.Record));

    public void Dispose()
    {
        _writer.Close();
        _file.Dispose();
    }

    /// <summary>Reads the existing journal; false if it is empty.</summary>
    private bool ReadAll(JournalHeader present)
    {
        bool hasHeader = false;
        foreach ((JournalLine line, ReadOnlyMemory<byte> bytes) in _file.ReadLines())
        {
            if (!hasHeader)
            {
                Check(line, bytes.Span, present);
                hasHeader = true;
                continue;
            }

            // A repeated prompt has several lines. The last one counts.
            JournalRecord record = Parse(line, bytes.Span);
            _earlier[new JournalKey(record.Key, record.Occurrence)] = (record.Result.Outcome, record.Result.HasAnswer, line);
            if (record.Result is { Session: { } session, ProcessId: not null })
            {
                JournalConversation? earlier = Conversations.GetValueOrDefault(session);
                bool wasAnswered = record.Result is { Outcome: nameof(PromptOutcome.Completed), HasAnswer: true };
                bool isSame = earlier?.SessionId == record.Result.SessionId;
                Conversations[session] = new(record.Result.SessionId, wasAnswered || (isSame && earlier!.WasAnswered), record.Result.HostName);
            }
        }

        // An incomplete header may be written again. Other text without a line feed must not be overwritten.
        if (!hasHeader && !_file.ReadTail(HeaderStart.Length).AsSpan().SequenceEqual(HeaderStart[..(int)Math.Min(HeaderStart.Length, _file.TailLength)]))
            throw Unreadable(new JournalLine(1, 0, 0), "is not the header of a journal", null);
        return hasHeader;
    }

    private void Check(JournalLine line, ReadOnlySpan<byte> bytes, JournalHeader present)
    {
        JournalHeader header;
        try
        {
            header = JsonSerializer.Deserialize(bytes, JournalJson.Header) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw Unreadable(line, "is not the header of a journal", e);
        }

        if (header.KiroPoolJournal != JournalHeader.CurrentVersion || header.Hash.Length == 0)
            throw Unreadable(line, $"is not the header of a journal of version {JournalHeader.CurrentVersion}", null);
        if (header.DifferenceTo(present) is { } difference)
            throw KiroException.JournalMismatch(_path, difference);
    }

    private JournalRecord Parse(JournalLine line, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, JournalJson.Record) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw Unreadable(line, "is not the outcome of a prompt", e);
        }
    }

    private KiroException Unreadable(JournalLine line, string what, Exception? inner) =>
        KiroException.JournalUnreadable(_path, $"'{_path}' cannot be resumed: line {line.Number} {what}. The file was not changed.", inner);
}
