using System.Collections;
using System.Reflection;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Journal;

namespace KiroPool.Tests.Journals;

/// <summary>The journal alone: it reads what it has written, and loses no written line.</summary>
public sealed class PromptJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kiropool-journal-").FullName;

    private string FilePath => Path.Combine(_folder, "batch.jsonl");

    public void Dispose() => Folders.Delete(_folder);

    [Fact]
    public async Task Every_property_of_a_result_comes_back()
    {
        PromptResult written = Full();
        var key = new JournalKey("k", 3);
        using (PromptJournal journal = Open(resume: false))
            Assert.Null(await journal.AppendAsync(key, written, null));
        Assert.All(JournalJson.OfThisRun, name => Assert.DoesNotContain($"\"{name}\"", File.ReadLines(FilePath).Last(), StringComparison.OrdinalIgnoreCase));

        using PromptJournal again = Open(resume: true);
        PromptResult read = again.Read(key).ToResult(7, "input", json => $"made of {json}");

        Assert.Equal("Completed", again.OutcomeOf(key));
        Assert.Null(again.OutcomeOf(key with { Occurrence = 2 }));
        Assert.Equal(written.GetTimes(), read.GetTimes());
        Assert.Equal("made of {\"a\":1}", read.Value);
        Assert.Equal((7, "input", true), (read.Index, read.InputObject, read.FromJournal));
        foreach (PropertyInfo property in typeof(PromptResult).GetProperties().Where(p => p.Name is not (nameof(PromptResult.Index) or nameof(PromptResult.InputObject) or nameof(PromptResult.FromJournal) or nameof(PromptResult.Value) or nameof(PromptResult.ToolCalls))))
        {
            // A property that is missing in the journal or in this test would have its default.
            object? value = property.GetValue(written);
            Assert.False(value is null || value.Equals(Default(property.PropertyType)), $"The test does not set {property.Name}.");
            Assert.Equal(value, property.GetValue(read));
        }

        foreach (PropertyInfo property in typeof(ToolCall).GetProperties())
        {
            object? value = property.GetValue(written.ToolCalls[0]);
            Assert.False(value is null or "", $"The test does not set {property.Name}.");
            Assert.Equal(value is IEnumerable many and not string ? many.Cast<object>() : [value!], property.GetValue(read.ToolCalls[0]) is IEnumerable others and not string ? others.Cast<object>() : [property.GetValue(read.ToolCalls[0])!]);
        }
    }

    [Fact]
    public async Task A_failure_comes_back_with_its_kind_and_message()
    {
        var key = new JournalKey("k", 0);
        using (PromptJournal journal = Open(resume: false))
            await journal.AppendAsync(key, Result("Indeterminate"), new AgentException(FailureKind.AgentDied, "It died."));

        using PromptJournal again = Open(resume: true);
        JournalRecord record = again.Read(key);
        PromptFailedException failure = record.ToFailure(record.ToResult(0, null))!;

        Assert.Equal(FailureKind.AgentDied, failure.Kind);
        Assert.EndsWith("It died.", failure.Message, StringComparison.Ordinal);
        Assert.Equal("Indeterminate", failure.Result.Outcome);
    }

    [Theory]
    [InlineData("line\nfeed \"quotes\" \\ \t \u0001 \u2028 grüße 🐟 <b>&'")]
    [InlineData("half a pair \ud83d alone")]
    public async Task Any_outcome_is_one_line(string text)
    {
        using (PromptJournal journal = Open(resume: false))
            await journal.AppendAsync(new JournalKey("k", 0), Result("Completed", text), null);

        Assert.Equal(2, File.ReadAllLines(FilePath).Length);
        using PromptJournal again = Open(resume: true);
        Assert.Equal(text.Replace('\ud83d', text.Contains("alone", StringComparison.Ordinal) ? '\ufffd' : '\ud83d'), again.Read(new JournalKey("k", 0)).Result.Text);
    }

    [Fact]
    public async Task The_last_outcome_of_a_prompt_counts()
    {
        var key = new JournalKey("k", 0);
        using (PromptJournal journal = Open(resume: false))
        {
            await journal.AppendAsync(key, Result("Failed"), null);
            await journal.AppendAsync(key, Result("Completed"), null);
        }

        using PromptJournal again = Open(resume: true);
        Assert.Equal("Completed", again.OutcomeOf(key));
        Assert.Equal(1, again.EarlierCount);
    }

    [Fact]
    public async Task Lines_longer_than_the_buffer_are_read_whole()
    {
        string[] texts = [.. Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), i * 20_000))];
        using (PromptJournal journal = Open(resume: false))
        {
            foreach ((int i, string text) in texts.Index())
                await journal.AppendAsync(new JournalKey("k", i), Result("Completed", text), null);
        }

        using PromptJournal again = Open(resume: true);
        Assert.All(texts.Index(), one => Assert.Equal(one.Item, again.Read(new JournalKey("k", one.Index)).Result.Text));
    }

    [Fact]
    public async Task A_truncated_journal_keeps_its_whole_lines_and_continues()
    {
        using (PromptJournal journal = Open(resume: false))
        {
            await journal.AppendAsync(new JournalKey("a", 0), Result("Completed"), null);
            await journal.AppendAsync(new JournalKey("b", 0), Result("Completed"), null);
        }

        byte[] whole = File.ReadAllBytes(FilePath);
        int[] feeds = [.. whole.Index().Where(b => b.Item == '\n').Select(b => b.Index)];
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            using (PromptJournal journal = Open(resume: true))
            {
                int wholeLines = feeds.Count(feed => feed < length);
                Assert.Equal(Math.Max(0, wholeLines - 1), journal.EarlierCount);
                Assert.Null(await journal.AppendAsync(new JournalKey("c", 0), Result("Completed"), null));
            }

            using PromptJournal again = Open(resume: true);
            Assert.Equal("Completed", again.OutcomeOf(new JournalKey("c", 0)));
        }
    }

    [Theory]
    [InlineData("precious text of another user", 1)]
    [InlineData("precious text\n", 1)]
    [InlineData("{\"event\":\"start\"}\n{}\n", 1)]
    [InlineData("null\n", 1)]
    [InlineData("{\"kiroPoolJournal\":2,\"hash\":\"A\"}\n", 1)]
    [InlineData("HEADER\nnonsense\n", 2)]
    [InlineData("HEADER\n{\"key\":\"k\"}\n", 2)]
    [InlineData("HEADER\n\n", 2)]
    public void A_file_that_is_not_a_journal_is_refused_and_unchanged(string text, int line)
    {
        using (Open(resume: false))
        {
        }

        text = text.Replace("HEADER", File.ReadAllLines(FilePath)[0], StringComparison.Ordinal);
        File.WriteAllText(FilePath, text);

        KiroException error = Assert.Throws<KiroException>(() => Open(resume: true));

        Assert.Equal(nameof(KiroException.JournalUnreadable), error.Id);
        Assert.Contains($"line {line} ", error.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Fact]
    public void A_full_disk_is_reported_once()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Needs /dev/full, which only Linux has.");

        KiroException error = Assert.Throws<KiroException>(() => PromptJournal.Open("/dev/full", Header(), resume: true));

        Assert.Equal(nameof(KiroException.JournalWriteFailed), error.Id);
        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_write_whole_lines()
    {
        using (PromptJournal journal = Open(resume: false))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            {
                for (int i = 0; i < 50; i++)
                    Assert.Null(await journal.AppendAsync(new JournalKey($"w{writer}", i), Result("Completed", new string('x', i * 10)), null));
            })));
        }

        using PromptJournal again = Open(resume: true);
        Assert.Equal(400, again.EarlierCount);
    }

    [Fact]
    public async Task A_closed_journal_accepts_no_outcome()
    {
        PromptJournal journal = Open(resume: false);
        journal.Dispose();
        byte[] before = File.ReadAllBytes(FilePath);

        Assert.Null(await journal.AppendAsync(new JournalKey("k", 0), Result("Completed"), null));

        Assert.Equal(before, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void Keys_identify_the_sent_input_and_number_equal_ones()
    {
        string file = Path.Combine(_folder, "a.txt");
        File.WriteAllText(file, "one");
        string Key(string prompt, object? input = null, params PromptPart[] parts) => new JournalKeys().Next(prompt, input, parts).Hash;
        PromptPart link = new PromptPart.Link(file);

        Assert.Equal(Key("p"), Key("p"));
        Assert.Equal(
            7,
            new[]
            {
                Key("p"), Key("q"), Key("p", null, new PromptPart.Text("q")), Key("p", new FileInfo(file)), Key("p", null, link),
                Key("p", null, new PromptPart.Image(file, "image/png")), Key("pq", null, new PromptPart.Text("")),
            }.Distinct().Count());
        Assert.NotEqual(Key("a", null, new PromptPart.Text("b"), new PromptPart.Text("c")), Key("a", null, new PromptPart.Text("bc")));

        string before = Key("p", null, link);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(-5));
        string touched = Key("p", null, link);
        File.AppendAllText(file, "!");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(-5));
        Assert.Equal(3, new[] { before, touched, Key("p", null, link) }.Distinct().Count());

        // A directory is recognised by its path alone, whatever it contains.
        string directory = Key("p", new DirectoryInfo(_folder), new PromptPart.Link(_folder));
        File.WriteAllText(Path.Combine(_folder, "b.txt"), "");
        Assert.Equal(directory, Key("p", new DirectoryInfo(_folder), new PromptPart.Link(_folder)));

        var keys = new JournalKeys();
        Assert.Equal([0, 1, 0, 2], new[] { "a", "a", "b", "a" }.Select(prompt => keys.Next(prompt, null, []).Occurrence));
    }

    private static JournalHeader Header(string model = "m") => JournalHeader.Create([new("Model", model), new("Agent", null)]);

    private PromptJournal Open(bool resume) => PromptJournal.Open(FilePath, Header(), resume);

    private static PromptResult Result(string outcome, string text = "text") =>
        new() { Prompt = "p", Outcome = outcome, Text = text, WorkingDirectory = "/w" };

    private static object? Default(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : type == typeof(string) ? "" : null;

    private static PromptResult Full() => new PromptResult
    {
        Index = 1,
        Prompt = "prompt",
        InputObject = "other",
        Text = "text",
        Outcome = "Completed",
        StopReason = "end_turn",
        Reused = true,
        ProcessId = 6,
        HostName = "build1",
        FencedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)),
        SessionId = "s",
        Agent = "a",
        Model = "m",
        ModelVerified = true,
        WorkingDirectory = "/w",
        Value = "other",
        ValueJson = """{"a":1}""",
        Attempts = 2,
        Credits = 0.0123456789m,
        InputTokens = 10,
        OutputTokens = 11,
        CachedReadTokens = 12,
        CachedWriteTokens = 13,
        Cost = 0.5m,
        CostCurrency = "USD",
        ContextPercent = 1.0 / 3,
        RawText = "raw",
        ErrorText = "stderr",
        ExitCode = 3,
        Session = "review",
        Resumed = true,
        StartedAfresh = true,
        ToolCalls = [new ToolCall("id", "title", "read", "completed", ["/f", "/g"], "Allowed", "Policy", "fs_read")],
    }.WithTimes(new PromptTimes
    {
        Duration = TimeSpan.FromTicks(12345678901),
        QueuedFor = TimeSpan.FromTicks(2),
        SessionWait = TimeSpan.FromTicks(3),
        TimeToFirstText = TimeSpan.FromTicks(4),
        AgentDuration = TimeSpan.FromTicks(5),
    });
}
