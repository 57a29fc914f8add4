using System.Management.Automation;
using System.Text.Json;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>-JournalPath and -Resume of Invoke-KiroPrompt.</summary>
public sealed class JournalCommandTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;
    private readonly string _journal;

    public JournalCommandTests()
    {
        _journal = Path.Combine(_agent.Folder, "batch.jsonl");
        _module = new ModuleRunspace(_agent).Set("Journal", _journal);
        _module.StartWarm(2);
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public void Every_outcome_is_a_line_that_only_its_owner_may_read()
    {
        Ran ran = _module.Run("'a', 'b [[error no]]', '', 'c [[crash]]' | Invoke-KiroPrompt -JournalPath $Journal");

        Assert.Equal((1, 3), (ran.Results.Count, ran.Errors.Count));
        string[] lines = File.ReadAllLines(_journal);
        Assert.Equal(4, lines.Length);
        Assert.Equal(["Completed", "Failed", "Indeterminate"], lines.Skip(1).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("result").GetProperty("outcome").GetString()!).Order());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_journal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Ordered")]
    [InlineData("-Stream")]
    [InlineData("-Stream -Ordered")]
    public void Resume_runs_failed_and_new_prompts_and_writes_all_results(string how)
    {
        _module.Run("'a', 'b', 'fails [[error no]]', 'a' | Invoke-KiroPrompt -JournalPath $Journal");
        int before = _agent.Prompts.Count;

        Ran ran = _module.Run($"'new', 'a', 'fails [[error no]]', 'b', 'a', 'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume {how}");

        Assert.Equal(["a", "fails [[error no]]", "new"], _agent.Prompts.Skip(before).Order());
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
        _module.Run("1..5 | Invoke-KiroPrompt -JournalPath $Journal").WithoutError();
        byte[] before = File.ReadAllBytes(_journal);

        Ran ran = _module.Run("1..5 | Invoke-KiroPrompt -JournalPath $Journal -Resume -InformationVariable said; $said").WithoutError();

        Assert.Equal(5, ran.Results.Count);
        Assert.Equal(5, _agent.Prompts.Count);
        Assert.Equal(before, File.ReadAllBytes(_journal));
        var summary = (BatchSummary)PSObject.AsPSObject(ran.Values<InformationRecord>().Single().MessageData).BaseObject;
        Assert.Equal((5, 0, 5, (decimal?)null), (summary.Completed, summary.Failed, summary.FromJournal, summary.Credits));
        Assert.EndsWith(", 5 of them in an earlier run.", summary.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_without_a_journal_runs_everything() =>
        Assert.Equal(3, _module.Run("1..3 | Invoke-KiroPrompt -JournalPath $Journal -Resume").WithoutError().Results.Count(r => !r.FromJournal));

    [Fact]
    public void An_existing_journal_is_never_overwritten()
    {
        _module.Run("'a' | Invoke-KiroPrompt -JournalPath $Journal").WithoutError();
        byte[] before = File.ReadAllBytes(_journal);

        ErrorRecord error = Refused("JournalExists", ErrorCategory.ResourceExists, "'a' | Invoke-KiroPrompt -JournalPath $Journal");

        Assert.Contains("-Resume", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_journal));
    }

    [Theory]
    [InlineData("-Prompt 'Other'", "Prompt was 'Explain' and is 'Other'")]
    [InlineData("-Prompt { $_ }", "Prompt was 'Explain' and is '(script block)'")]
    [InlineData("-Prompt 'Explain' -Model auto", "Model was not given and is 'auto'")]
    [InlineData("-Prompt 'Explain' -Agent kiro_planner", "Agent was not given and is 'kiro_planner'")]
    [InlineData("-Prompt 'Explain' -Embed", "Embed was 'False' and is 'True'")]
    [InlineData("-Prompt 'Explain' -Collect", "Collect was 'False' and is 'True'")]
    [InlineData("-Prompt 'Explain' -SlashCommand", "SlashCommand was 'False' and is 'True'")]
    [InlineData("-Prompt 'Explain' -WorkingDirectory /", "WorkingDirectory was '")]
    [InlineData("-Prompt 'Explain' -Attachment $Manifest", "Attachment was not given and is '")]
    public void Changed_options_are_refused_by_name(string options, string difference)
    {
        _module.Run("'a' | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        ErrorRecord error = Refused("JournalMismatch", ErrorCategory.InvalidArgument, $"'a' | Invoke-KiroPrompt {options} -JournalPath $Journal -Resume");

        Assert.Contains(difference, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_change_no_answer_may_change()
    {
        _module.Run("'a' | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        Ran ran = _module.Run("'a' | Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume -ThrottleLimit 1 -TimeoutSec 9 -InactivityTimeoutSec 9 -RetryCount 2 -MaxFailures 3 -Ordered -Stream").WithoutError();

        Assert.True(ran.Result.FromJournal);
    }

    [Fact]
    public void A_changed_attachment_is_another_batch()
    {
        FileInfo rules = _agent.File("rules.md", "be kind");
        _module.Set("Rules", rules.FullName).Run("'a' | Invoke-KiroPrompt -JournalPath $Journal -Attachment $Rules").WithoutError();
        _agent.File("rules.md", "be brief and kind");

        Refused("JournalMismatch", ErrorCategory.InvalidArgument, "'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume -Attachment $Rules");
    }

    [Fact]
    public void An_indeterminate_prompt_is_reported_again_and_repeated_only_on_request()
    {
        _module.Run("'a', 'b [[crash]]' | Invoke-KiroPrompt -JournalPath $Journal");

        Ran told = _module.Run("'b [[crash]]', 'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume");

        Assert.Equal("JournalIndeterminate,KiroPool.Commands.InvokeKiroPromptCommand", told.Error.FullyQualifiedErrorId);
        Assert.Equal("b [[crash]]", told.Error.TargetObject);
        Assert.Contains("-RetryIndeterminate", told.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        PromptResult result = Assert.IsType<PromptFailedException>(told.Error.Exception).Result;
        Assert.Equal(("Indeterminate", true, 0), (result.Outcome, result.FromJournal, result.Index));
        Assert.Single(_agent.Prompts, "b [[crash]]");

        Ran again = _module.Run("'b [[crash]]', 'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume -RetryIndeterminate");

        Assert.Equal("AgentDied,KiroPool.Commands.InvokeKiroPromptCommand", again.Error.FullyQualifiedErrorId);
        Assert.Equal(2, _agent.Prompts.Count(p => p == "b [[crash]]"));
        Assert.Single(_agent.Prompts, "a");
    }

    [Fact]
    public void Files_are_recognised_by_path_length_and_time()
    {
        FileInfo one = _agent.File("one.txt", "one"), two = _agent.File("two.txt", "two");
        _module.Pipe([one, two], "Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();
        File.SetLastWriteTimeUtc(two.FullName, DateTime.UtcNow.AddMinutes(-1));

        Ran ran = _module.Pipe([new FileInfo(two.FullName), new FileInfo(one.FullName)], "Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume -Ordered").WithoutError();

        Assert.Equal([false, true], ran.Results.Select(r => r.FromJournal));
        Assert.Equal(["two.txt", "one.txt"], ran.Results.Select(r => ((FileInfo)PSObject.AsPSObject(r.GetInput()!).BaseObject).Name));
    }

    [Fact]
    public void Prompts_of_a_script_block_are_recognised_by_their_text()
    {
        _module.Run("1, 2 | Invoke-KiroPrompt -Prompt { \"Explain $_\" } -JournalPath $Journal").WithoutError();

        Ran ran = _module.Run("2, 3 | Invoke-KiroPrompt -Prompt { \"Explain $_\" } -JournalPath $Journal -Resume -Ordered").WithoutError();

        Assert.Equal([true, false], ran.Results.Select(r => r.FromJournal));
    }

    [Fact]
    public void A_collected_prompt_is_one_item()
    {
        _module.Run("1..3 | Invoke-KiroPrompt 'Add up' -Collect -JournalPath $Journal").WithoutError();

        Assert.True(_module.Run("1..3 | Invoke-KiroPrompt 'Add up' -Collect -JournalPath $Journal -Resume").WithoutError().Result.FromJournal);
        Assert.False(_module.Run("1..4 | Invoke-KiroPrompt 'Add up' -Collect -JournalPath $Journal -Resume").WithoutError().Result.FromJournal);
    }

    [Fact]
    public void A_second_writer_is_refused_while_the_first_one_writes()
    {
        using var other = new ModuleRunspace(_agent).Set("Journal", _journal);
        using RunningScript running = _module.Begin("'[[hang]]' | Invoke-KiroPrompt -JournalPath $Journal");
        Eventually.Holds(() => _agent.Prompts.Contains("[[hang]]"));

        ErrorRecord error = other.Run("$null = Start-KiroPool @Agent -MinSize 0; '[[hang]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume").Error;

        Assert.Equal("JournalInUse,KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal(_journal, error.TargetObject);
        running.Stop();
    }

    [Fact]
    public void Ctrl_C_records_cancelled_prompts_and_Resume_runs_them()
    {
        using RunningScript running = _module.Begin("'a', '[[sleep 30000]]' | Invoke-KiroPrompt -JournalPath $Journal");
        Eventually.Holds(() => running.SoFar.Output.Count == 1 && _agent.Count("prompt") == 2);
        running.Stop();

        Assert.Contains(File.ReadAllLines(_journal), line => line.Contains("\"outcome\":\"Cancelled\"", StringComparison.Ordinal));
        Ran ran = _module.Run("'a', '[[sleep 30000]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume -TimeoutSec 0.2");
        Assert.Equal("a", ran.Result.Prompt);
        Assert.Equal("PromptTimedOut,KiroPool.Commands.InvokeKiroPromptCommand", ran.Error.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Select-Object -First 3")]
    [InlineData("ForEach-Object { if ($_.Index -eq 5) { throw 'enough' }; $_ }")]
    public void An_interrupted_batch_continues_and_repeats_no_completed_prompt(string breaker)
    {
        _module.Run($"try {{ 1..12 | ForEach-Object {{ \"n$_ [[sleep 20]]\" }} | Invoke-KiroPrompt -JournalPath $Journal | {breaker} }} catch {{ }}");
        int done = File.ReadAllLines(_journal).Count(line => line.Contains("\"outcome\":\"Completed\"", StringComparison.Ordinal));

        Ran ran = _module.Run("1..12 | ForEach-Object { \"n$_ [[sleep 20]]\" } | Invoke-KiroPrompt -JournalPath $Journal -Resume").WithoutError();

        Assert.InRange(done, 3, 11);
        Assert.Equal(Enumerable.Range(0, 12), ran.Results.Select(r => r.Index).Order());
        Assert.Equal(done, ran.Results.Count(r => r.FromJournal));
    }

    [Fact]
    public void MaxFailures_ends_a_resumed_batch_too()
    {
        _module.Run("1..9 | ForEach-Object { \"n$_ [[error no]]\" } | Invoke-KiroPrompt -JournalPath $Journal -MaxFailures 2");

        Ran ran = _module.Run("'fine' , 'n1 [[error no]]', 'n2 [[error no]]', 'n3 [[error no]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume -MaxFailures 2 -ThrottleLimit 1");

        Assert.StartsWith("TooManyFailures,", ran.Errors[^1].FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("fine", ran.Result.Prompt);
    }

    [Fact]
    public void A_full_disk_ends_the_command_and_names_the_journal()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Needs /dev/full, which only Linux has.");

        ErrorRecord error = _module.Run("'a' | Invoke-KiroPrompt -JournalPath /dev/full -Resume").Error;

        Assert.Equal("JournalWriteFailed,KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal(("/dev/full", ErrorCategory.WriteError), (error.TargetObject, error.CategoryInfo.Category));
        Assert.Empty(_agent.Prompts);
    }

    [Theory]
    [InlineData("-Resume", "JournalPathMissing", "-Resume needs -JournalPath")]
    [InlineData("-RetryIndeterminate", "JournalPathMissing", "-RetryIndeterminate needs -JournalPath")]
    [InlineData("-JournalPath Variable:x", "JournalWriteFailed", "'Variable:x'")]
    [InlineData("-JournalPath /no/such/folder/batch.jsonl", "JournalWriteFailed", "/no/such/folder/batch.jsonl")]
    [InlineData("-JournalPath / -Resume", "JournalWriteFailed", "/")]
    public void A_wrong_path_is_reported_at_once(string parameters, string id, string text)
    {
        ErrorRecord error = _module.Run($"'a' | Invoke-KiroPrompt {parameters}").Error;

        Assert.Equal($"{id},KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Contains(text.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(text) : text, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);
    }

    private ErrorRecord Refused(string id, ErrorCategory category, string script)
    {
        int before = _agent.Prompts.Count;
        ErrorRecord error = _module.Run(script).Error;
        Assert.Equal($"{id},KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal((category, _journal), (error.CategoryInfo.Category, error.TargetObject));
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(before, _agent.Prompts.Count);
        return error;
    }

    [Fact]
    public void A_link_whose_target_has_changed_is_another_prompt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows, links need a right of their own.");
        FileInfo target = _agent.File("target.txt", "yesterday");
        string link = Path.Combine(_agent.Folder, "link.txt");
        File.CreateSymbolicLink(link, target.FullName);
        _module.Set("Link", link);
        const string batch = "Get-Item $Link | Invoke-KiroPrompt 'Read' -JournalPath $Journal -Resume";

        Assert.False(_module.Run(batch).WithoutError().Result.FromJournal);
        Assert.True(_module.Run(batch).WithoutError().Result.FromJournal);
        File.WriteAllText(target.FullName, "and today");
        File.SetLastWriteTimeUtc(target.FullName, DateTime.UtcNow.AddMinutes(1));
        Assert.False(_module.Run(batch).WithoutError().Result.FromJournal);
        Assert.Contains("JournalMismatch", _module.Run("Invoke-KiroPrompt 'Read' -Attachment $Link -JournalPath $Journal -Resume").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_of_another_culture_can_be_resumed()
    {
        _module.Run("1..2 | Invoke-KiroPrompt -JournalPath $Journal").WithoutError();
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        var swedish = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
        swedish.NumberFormat.NegativeSign = "\u2212";
        swedish.NumberFormat.NumberDecimalSeparator = ",";
        _module.Set("Culture", swedish);

        Ran ran = _module.Run("[cultureinfo]::CurrentCulture = $Culture; 1..2 | Invoke-KiroPrompt -JournalPath $Journal -Resume").WithoutError();

        Assert.Equal(2, ran.Results.Count(result => result.FromJournal));
        Assert.Equal(before, System.Globalization.CultureInfo.CurrentCulture);
    }

    [Theory]
    [InlineData("-Embed", "Embed was 'False' and is 'True'")]
    [InlineData("-Depth 3", "Depth was not given and is '3'")]
    [InlineData("-Model auto -Session s", "Session was not given and is 's'")]
    public void A_mismatch_names_the_differing_option(string option, string difference)
    {
        _module.Run("1..2 | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        Assert.Contains(difference, _module.Run($"1..2 | Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume {option}").Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_hashtables_are_equal_prompts_for_any_order_of_keys()
    {
        _module.Run("@{ one = 1; two = 2; three = 3 } | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        Assert.True(_module.Run("@{ three = 3; two = 2; one = 1 } | Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume").WithoutError().Result.FromJournal);
    }

    [Fact]
    public void A_conversation_is_resumed_by_its_id_in_another_process()
    {
        using var agent = new SimulatedAgent(new { sessionStore = Path.Combine(_agent.Folder, "kept") });
        using (var first = new ModuleRunspace(agent))
        {
            first.Set("Journal", _journal).StartWarm(1);
            first.Run("'one', 'two' | Invoke-KiroPrompt -Session s -JournalPath $Journal").WithoutError();
            first.Run("Stop-KiroPool").WithoutError();
        }

        using var second = new ModuleRunspace(agent);
        second.Set("Journal", _journal).StartWarm(1);
        Ran ran = second.Run("'one', 'two', 'history' | Invoke-KiroPrompt -Session s -JournalPath $Journal -Resume").WithoutError();

        Assert.Equal("2 earlier prompts:\none\ntwo", ran.Results[^1].Text);
        Assert.True(ran.Results[^1].Resumed);
        Assert.Single(ran.Results.Select(result => result.SessionId).Distinct());
    }

    [Fact]
    public void A_conversation_that_cannot_be_resumed_is_lost_and_not_restarted()
    {
        using (var first = new SimulatedAgent())
        using (var module = new ModuleRunspace(first))
        {
            module.Set("Journal", _journal).StartWarm(1);
            module.Set("Elsewhere", _agent.Folder).Run("Start-KiroPool @Agent -WorkingDirectory $Elsewhere -Force; 'one' | Invoke-KiroPrompt -Session s -JournalPath $Journal").WithoutError();
        }

        // The simulator answers with silence to an id that it does not know, as kiro-cli does.
        _module.Run("Start-KiroPool @Agent -SessionTimeoutSec 3 -MaxSize 3 -Force").WithoutError();
        Ran ran = _module.Run("'one', 'two' | Invoke-KiroPrompt -Session s -JournalPath $Journal -Resume");

        Assert.True(ran.Result.FromJournal);
        Assert.StartsWith("SessionLost,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);

        Ran afresh = _module.Run("'one', 'two' | Invoke-KiroPrompt -Session s -JournalPath $Journal -Resume -AllowNewConversation").WithoutError();
        Assert.Equal([false, true], afresh.Results.OrderBy(result => result.Index).Select(result => result.StartedAfresh));
    }
}
