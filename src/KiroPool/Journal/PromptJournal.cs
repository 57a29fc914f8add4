using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Journal;

/// <summary>A conversation as a journal tells of it.</summary>
/// <param name="SessionId">The agent's id of it; null if it has none.</param>
/// <param name="WasAnswered">Whether the agent has answered in it.</param>
internal sealed record JournalConversation(string? SessionId, bool WasAnswered);

/// <summary>
/// What came of the prompts of a batch, kept in a file so that a batch that was broken off can go on. Workers append to
/// it, from any thread; the pipeline thread asks it what was there before.
/// </summary>
internal sealed class PromptJournal : IDisposable
{
    private static ReadOnlySpan<byte> HeaderStart => "{\"kiroPoolJournal\":"u8;

    private readonly string _path;
    private readonly JournalFile _file;
    private readonly JournalWriter _writer;
    private readonly JournalKeys _keys = new();
    private readonly Dictionary<JournalKey, (string Outcome, JournalLine Line)> _earlier = [];

    private PromptJournal(string path, JournalFile file)
    {
        _path = path;
        _file = file;
        _writer = new JournalWriter(file.Append);
    }

    /// <summary>The conversation that earlier prompts ran in last; null if none ran in a session.</summary>
    public JournalConversation? Conversation { get; private set; }

    /// <summary>How many prompts have an outcome in the journal of an earlier run.</summary>
    public int EarlierCount => _earlier.Count;

    /// <summary>Whether an outcome could not be written. No more prompts should be run: what came of them would be lost.</summary>
    public bool HasFailed => _writer.HasFailed;

    /// <summary>Looks at a journal without writing to it; null if there is none.</summary>
    /// <exception cref="JournalException">As with <see cref="Open"/>.</exception>
    public static PromptJournal? OpenToRead(string path, JournalHeader header, bool resume)
    {
        if (!File.Exists(path))
            return null;
        if (!resume)
            throw JournalFile.Exists(path, null);
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

    /// <summary>Begins a journal, or goes on with one.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="header">The options of this run.</param>
    /// <param name="resume">Whether there may be a journal already. There need not be.</param>
    /// <exception cref="JournalException">It is there and may not be, belongs to another batch, is in use or damaged, or cannot be written.</exception>
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
        catch (JournalException)
        {
            file.Discard();
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file.Discard();
            throw new JournalException(KiroErrors.JournalUnreadable, path, $"The journal '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The key of the next prompt of the input. Called once for each, on the pipeline thread.</summary>
    public JournalKey NextKey(string prompt, object? input, IEnumerable<PromptPart> parts) => _keys.Next(prompt, input, parts);

    /// <summary>The outcome an earlier run has written for a prompt; null if there is none.</summary>
    public string? OutcomeOf(JournalKey key) => _earlier.TryGetValue(key, out (string Outcome, JournalLine Line) entry) ? entry.Outcome : null;

    /// <summary>Everything an earlier run has written for a prompt that has an outcome.</summary>
    /// <exception cref="JournalException">It cannot be read any more.</exception>
    public JournalRecord Read(JournalKey key)
    {
        JournalLine line = _earlier[key].Line;
        try
        {
            return Parse(line, _file.Read(line));
        }
        catch (IOException e)
        {
            throw new JournalException(KiroErrors.JournalUnreadable, _path, $"The journal '{_path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes what came of a prompt. Nothing is written any more once that has failed, or the journal is closed.</summary>
    /// <returns>Completes when it is on the disk, or will not be: with the failure, the first time only.</returns>
    public Task<JournalException?> AppendAsync(JournalKey key, PromptResult result, AgentException? failure) =>
        _writer.AppendAsync(JsonSerializer.SerializeToUtf8Bytes(JournalRecord.Create(key, result, failure), JournalJson.Record));

    public void Dispose()
    {
        _writer.Close();
        _file.Dispose();
    }

    /// <summary>Reads what is there; false if that is nothing, not even a header.</summary>
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

            // A prompt that was run again has several lines: the last one counts.
            JournalRecord record = Parse(line, bytes.Span);
            _earlier[new JournalKey(record.Key, record.Occurrence)] = (record.Result.Outcome, line);
            if (record.Result is { Session: not null, ProcessId: not null })
            {
                bool wasAnswered = record.Result is { Outcome: nameof(PromptOutcome.Completed), Text.Length: > 0 };
                bool isSame = Conversation?.SessionId == record.Result.SessionId;
                Conversation = new(record.Result.SessionId, wasAnswered || (isSame && Conversation!.WasAnswered));
            }
        }

        // A header that was torn may be written again. Anything else without a line feed is not ours to write over.
        if (!hasHeader && !_file.ReadTail(HeaderStart.Length).AsSpan().SequenceEqual(HeaderStart[..(int)Math.Min(HeaderStart.Length, _file.TailLength)]))
            throw Unreadable(new JournalLine(1, 0, 0), "is no header of a journal", null);
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
            throw Unreadable(line, "is no header of a journal", e);
        }

        if (header.KiroPoolJournal != JournalHeader.CurrentVersion || header.Hash.Length == 0)
            throw Unreadable(line, $"is no header of a journal of version {JournalHeader.CurrentVersion}", null);
        if (header.DifferenceTo(present) is { } difference)
        {
            throw new JournalException(
                KiroErrors.JournalMismatch,
                _path,
                $"The journal '{_path}' was begun with other options: {difference}. Answers of both would be mixed.");
        }
    }

    private JournalRecord Parse(JournalLine line, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, JournalJson.Record) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw Unreadable(line, "is no outcome of a prompt", e);
        }
    }

    private JournalException Unreadable(JournalLine line, string what, Exception? inner) =>
        new(KiroErrors.JournalUnreadable, _path, $"'{_path}' cannot be resumed: line {line.Number} {what}. Nothing was changed.", inner);
}
