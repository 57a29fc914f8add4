using System.Management.Automation;
using System.Text;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Schemas;

namespace KiroPool.Journal;

/// <summary>Reads the results of a journal without touching it, also while a batch writes to it.</summary>
internal static class JournalImport
{
    /// <summary>What came of each prompt, in the order of the outcomes. Of a prompt that was run again the last outcome counts.</summary>
    /// <exception cref="KiroException">It is no journal, or cannot be read.</exception>
    public static IReadOnlyList<PSObject> Read(string path)
    {
        var records = new Dictionary<JournalKey, (int Order, JournalRecord Record)>();
        int number = 0;
        using JournalFile file = JournalFile.OpenToRead(path);
        try
        {
            foreach ((JournalLine line, ReadOnlyMemory<byte> bytes) in file.ReadLines())
            {
                number = line.Number;
                if (number == 1)
                {
                    CheckHeader(path, bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes.Span[Encoding.UTF8.Preamble.Length..] : bytes.Span);
                    continue;
                }

                // An editor may have left an empty line.
                if (bytes.Span.Trim("\r "u8).IsEmpty)
                    continue;
                JournalRecord record = Parse(path, number, bytes.Span);
                records[new JournalKey(record.Key, record.Occurrence)] = (number, record);
            }
        }
        catch (IOException e)
        {
            throw KiroException.JournalUnreadable(path, e);
        }

        if (number == 0)
            throw Unreadable(path, 1, "is no header of a journal", null);
        return [.. records.Values.OrderBy(one => one.Order).Select((one, index) => Restore(one.Record, index))];
    }

    /// <summary>The result, with the reason of a failure, which the error record told when the prompt ran.</summary>
    private static PSObject Restore(JournalRecord record, int index)
    {
        var result = new PSObject(record.ToResult(index, null, AnswerReading.ReadAny));
        result.Properties.Add(new PSNoteProperty("Failure", record.Failure?.ToString()));
        result.Properties.Add(new PSNoteProperty("FailureMessage", record.Message is { } message ? TerminalText.Harmless(message) : null));
        return result;
    }

    private static void CheckHeader(string path, ReadOnlySpan<byte> line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, JournalJson.Header) is { KiroPoolJournal: JournalHeader.CurrentVersion })
                return;
        }
        catch (JsonException e)
        {
            throw Unreadable(path, 1, "is no header of a journal", e);
        }

        throw Unreadable(path, 1, $"is no header of a journal of version {JournalHeader.CurrentVersion}", null);
    }

    private static JournalRecord Parse(string path, int number, ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Record) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw Unreadable(path, number, "is no outcome of a prompt", e);
        }
    }

    private static KiroException Unreadable(string path, int line, string what, Exception? inner) =>
        KiroException.JournalUnreadable(path, $"'{path}' cannot be read as a journal: line {line} {what}.", inner);
}
