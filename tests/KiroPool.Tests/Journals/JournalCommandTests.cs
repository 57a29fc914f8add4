using System.Management.Automation;
using System.Text.Json;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>-JournalPath and -Resume of Invoke-KiroPrompt.</summary>
public sealed class JournalCommandTests : IDisposable
{
    private readonly JournalBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Every_outcome_is_a_line_that_only_its_owner_may_read()
    {
        Ran ran = _bench.Module.Run("'a', 'b [[error no]]', '', 'c [[crash]]' | Invoke-KiroPrompt -JournalPath $Journal");

        Assert.Equal((1, 3), (ran.Results.Count, ran.Errors.Count));
        string[] lines = File.ReadAllLines(_bench.Journal);
        Assert.Equal(4, lines.Length);
        Assert.Equal(["Completed", "Failed", "Indeterminate"], lines.Skip(1).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("result").GetProperty("outcome").GetString()!).Order());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_bench.Journal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Ordered")]
    [InlineData("-Stream")]
    [InlineData("-Stream -Ordered")]
    public void Resume_runs_failed_and_new_prompts_and_writes_all_results(string how)
    {
        _bench.Module.Run("'a', 'b', 'fails [[error no]]', 'a' | Invoke-KiroPrompt -JournalPath $Journal");
        int before = _bench.Agent.Prompts.Count;

        Ran ran = _bench.Module.Run($"'new', 'a', 'fails [[error no]]', 'b', 'a', 'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume {how}");

        Assert.Equal(["a", "fails [[error no]]", "new"], _bench.Agent.Prompts.Skip(before).Order());
        Assert.Equal("AgentError,KiroPool.Commands.InvokeKiroPromptCommand", ran.Error.FullyQualifiedErrorId);
        Assert.Equal([(0, "new", false), (1, "a", true), (3, "b", true), (4, "a", true), (5, "a", false)], ran.Results.Select(r => (r.Index, r.Prompt, r.FromJournal)).Order());
        Assert.All(ran.Results, r => Assert.Equal($"You said: {r.Prompt}", r.Text));
        Assert.Equal(ran.Results.Select(r => r.Prompt), ran.Results.Select(r => r.InputObject));
        if (how.Contains("Ordered", StringComparison.Ordinal))
            Assert.Equal(ran.Results.Select(r => r.Index).Order(), ran.Results.Select(r => r.Index));
        Assert.All(ran.Values<PromptUpdate>(), update => Assert.Contains(update.Index, new[] { 0, 2, 5 }));
    }

    [Fact]
    public void A_second_resume_runs_nothing_and_the_summary_says_so()
    {
        _bench.Module.Run("1..5 | Invoke-KiroPrompt -JournalPath $Journal").WithoutError();
        byte[] before = File.ReadAllBytes(_bench.Journal);

        Ran ran = _bench.Module.Run("1..5 | Invoke-KiroPrompt -JournalPath $Journal -Resume -InformationVariable said; $said").WithoutError();

        Assert.Equal(5, ran.Results.Count);
        Assert.Equal(5, _bench.Agent.Prompts.Count);
        Assert.Equal(before, File.ReadAllBytes(_bench.Journal));
        var summary = (BatchSummary)PSObject.AsPSObject(ran.Values<InformationRecord>().Single().MessageData).BaseObject;
        Assert.Equal((5, 0, 5, (decimal?)null), (summary.Completed, summary.Failed, summary.FromJournal, summary.Credits));
        Assert.EndsWith(", 5 of them in an earlier run.", summary.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_without_a_journal_runs_everything() =>
        Assert.Equal(3, _bench.Module.Run("1..3 | Invoke-KiroPrompt -JournalPath $Journal -Resume").WithoutError().Results.Count(r => !r.FromJournal));

    [Fact]
    public void An_existing_journal_is_never_overwritten()
    {
        _bench.Module.Run("'a' | Invoke-KiroPrompt -JournalPath $Journal").WithoutError();
        byte[] before = File.ReadAllBytes(_bench.Journal);

        ErrorRecord error = _bench.Refused("JournalExists", ErrorCategory.ResourceExists, "'a' | Invoke-KiroPrompt -JournalPath $Journal");

        Assert.Contains("-Resume", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_bench.Journal));
    }

    [Fact]
    public void An_indeterminate_prompt_is_reported_again_and_repeated_only_on_request()
    {
        _bench.Module.Run("'a', 'b [[crash]]' | Invoke-KiroPrompt -JournalPath $Journal");

        Ran told = _bench.Module.Run("'b [[crash]]', 'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume");

        Assert.Equal("JournalIndeterminate,KiroPool.Commands.InvokeKiroPromptCommand", told.Error.FullyQualifiedErrorId);
        Assert.Equal("b [[crash]]", told.Error.TargetObject);
        Assert.Contains("-RetryIndeterminate", told.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        PromptResult result = Assert.IsType<PromptFailedException>(told.Error.Exception).Result;
        Assert.Equal(("Indeterminate", true, 0), (result.Outcome, result.FromJournal, result.Index));
        Assert.Single(_bench.Agent.Prompts, "b [[crash]]");

        Ran again = _bench.Module.Run("'b [[crash]]', 'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume -RetryIndeterminate");

        Assert.Equal("AgentDied,KiroPool.Commands.InvokeKiroPromptCommand", again.Error.FullyQualifiedErrorId);
        Assert.Equal(2, _bench.Agent.Prompts.Count(p => p == "b [[crash]]"));
        Assert.Single(_bench.Agent.Prompts, "a");
    }

    [Fact]
    public void A_journal_that_an_editor_has_saved_is_imported()
    {
        _bench.Module.Run("'a', 'b' | Invoke-KiroPrompt -JournalPath $Journal").WithoutError();
        string[] lines = File.ReadAllLines(_bench.Journal);
        File.WriteAllText(_bench.Journal, string.Join("\r\n", [lines[0], lines[1], "", lines[2], ""]), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Equal(["a", "b"], _bench.Module.Run("Import-KiroJournal $Journal").WithoutError().Results.Select(result => result.Prompt).Order());
    }

    [Fact]
    public void A_second_writer_is_refused_while_the_first_one_writes()
    {
        using var other = new ModuleRunspace(_bench.Agent).Set("Journal", _bench.Journal);
        using RunningScript running = _bench.Module.Begin("'[[hang]]' | Invoke-KiroPrompt -JournalPath $Journal");
        Eventually.Holds(() => _bench.Agent.Prompts.Contains("[[hang]]"));

        ErrorRecord error = other.Run("$null = Start-KiroPool @Agent -MinSize 0; '[[hang]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume").Error;

        Assert.Equal("JournalInUse,KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal(_bench.Journal, error.TargetObject);
        running.Stop();
    }

    [Fact]
    public void Ctrl_C_records_cancelled_prompts_and_Resume_runs_them()
    {
        using RunningScript running = _bench.Module.Begin("'a', '[[sleep 30000]]' | Invoke-KiroPrompt -JournalPath $Journal");
        Eventually.Holds(() => running.SoFar.Output.Count == 1 && _bench.Agent.Count("prompt") == 2);
        running.Stop();

        Assert.Contains(File.ReadAllLines(_bench.Journal), line => line.Contains("\"outcome\":\"Cancelled\"", StringComparison.Ordinal));
        Ran ran = _bench.Module.Run("'a', '[[sleep 30000]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume -TimeoutSec 0.2");
        Assert.Equal("a", ran.Result.Prompt);
        Assert.Equal("PromptTimedOut,KiroPool.Commands.InvokeKiroPromptCommand", ran.Error.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Select-Object -First 3")]
    [InlineData("ForEach-Object { if ($_.Index -eq 5) { throw 'enough' }; $_ }")]
    public void An_interrupted_batch_continues_and_repeats_no_completed_prompt(string breaker)
    {
        _bench.Module.Run($"try {{ 1..12 | ForEach-Object {{ \"n$_ [[sleep 20]]\" }} | Invoke-KiroPrompt -JournalPath $Journal | {breaker} }} catch {{ }}");
        int done = File.ReadAllLines(_bench.Journal).Count(line => line.Contains("\"outcome\":\"Completed\"", StringComparison.Ordinal));

        Ran ran = _bench.Module.Run("1..12 | ForEach-Object { \"n$_ [[sleep 20]]\" } | Invoke-KiroPrompt -JournalPath $Journal -Resume").WithoutError();

        Assert.InRange(done, 3, 11);
        Assert.Equal(Enumerable.Range(0, 12), ran.Results.Select(r => r.Index).Order());
        Assert.Equal(done, ran.Results.Count(r => r.FromJournal));
    }

    [Fact]
    public void MaxFailures_ends_a_resumed_batch_too()
    {
        _bench.Module.Run("1..9 | ForEach-Object { \"n$_ [[error no]]\" } | Invoke-KiroPrompt -JournalPath $Journal -MaxFailures 2");

        Ran ran = _bench.Module.Run("'fine' , 'n1 [[error no]]', 'n2 [[error no]]', 'n3 [[error no]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume -MaxFailures 2 -ThrottleLimit 1");

        Assert.StartsWith("TooManyFailures,", ran.Errors[^1].FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("fine", ran.Result.Prompt);
    }

    [Fact]
    public void A_full_disk_ends_the_command_and_names_the_journal()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Needs /dev/full, which only Linux has.");

        ErrorRecord error = _bench.Module.Run("'a' | Invoke-KiroPrompt -JournalPath /dev/full -Resume").Error;

        Assert.Equal("JournalWriteFailed,KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal(("/dev/full", ErrorCategory.WriteError), (error.TargetObject, error.CategoryInfo.Category));
        Assert.Empty(_bench.Agent.Prompts);
    }

    [Theory]
    [InlineData("-Resume", "JournalPathMissing", "-Resume needs -JournalPath")]
    [InlineData("-RetryIndeterminate", "JournalPathMissing", "-RetryIndeterminate needs -JournalPath")]
    [InlineData("-JournalPath Variable:x", "JournalWriteFailed", "'Variable:x'")]
    [InlineData("-JournalPath /no/such/folder/batch.jsonl", "JournalWriteFailed", "/no/such/folder/batch.jsonl")]
    [InlineData("-JournalPath / -Resume", "JournalWriteFailed", "/")]
    public void A_wrong_path_is_reported_at_once(string parameters, string id, string text)
    {
        ErrorRecord error = _bench.Module.Run($"'a' | Invoke-KiroPrompt {parameters}").Error;

        Assert.Equal($"{id},KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Contains(text.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(text) : text, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_bench.Agent.Prompts);
    }
}
