using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>Which prompts of a resumed batch are those of its journal, and which options make another batch.</summary>
public sealed class ResumedBatchTests : IDisposable
{
    private readonly JournalBench _bench = new();

    public void Dispose() => _bench.Dispose();

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
        _bench.Module.Run("'a' | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        ErrorRecord error = _bench.Refused("JournalMismatch", ErrorCategory.InvalidArgument, $"'a' | Invoke-KiroPrompt {options} -JournalPath $Journal -Resume");

        Assert.Contains(difference, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Embed", "Embed was 'False' and is 'True'")]
    [InlineData("-Depth 3", "Depth was not given and is '3'")]
    [InlineData("-Model auto -Session s", "Session was not given and is 's'")]
    public void A_mismatch_names_the_differing_option(string option, string difference)
    {
        _bench.Module.Run("1..2 | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        Assert.Contains(difference, _bench.Module.Run($"1..2 | Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume {option}").Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_change_no_answer_may_change()
    {
        _bench.Module.Run("'a' | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        Ran ran = _bench.Module.Run("'a' | Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume -ThrottleLimit 1 -TimeoutSec 9 -InactivityTimeoutSec 9 -RetryCount 2 -MaxFailures 3 -Ordered -Stream").WithoutError();

        Assert.True(ran.Result.FromJournal);
    }

    [Theory]
    [InlineData("Model", "auto", "claude-haiku-4.5")]
    [InlineData("Session", "a", "b")]
    [InlineData("WorkingDirectory", "one", "two")]
    public void A_row_is_the_same_only_with_its_own_values(string column, string first, string second)
    {
        foreach (string folder in new[] { "one", "two" })
            Directory.CreateDirectory(Path.Combine(_bench.Agent.Folder, folder));
        _bench.Module.Set("Here", _bench.Agent.Folder).Run($"Set-Location $Here; [pscustomobject]@{{ {column} = '{first}' }} | Invoke-KiroPrompt {{ 'Explain' }} -JournalPath $Journal").WithoutError();

        Ran ran = _bench.Module.Run($"'{second}', '{first}' | ForEach-Object {{ [pscustomobject]@{{ {column} = $_ }} }} | Invoke-KiroPrompt {{ 'Explain' }} -JournalPath $Journal -Resume -Ordered").WithoutError();

        Assert.Equal([false, true], ran.Results.Select(result => result.FromJournal));
    }

    [Fact]
    public void A_changed_attachment_is_another_batch()
    {
        FileInfo rules = _bench.Agent.File("rules.md", "be kind");
        _bench.Module.Set("Rules", rules.FullName).Run("'a' | Invoke-KiroPrompt -JournalPath $Journal -Attachment $Rules").WithoutError();
        _bench.Agent.File("rules.md", "be brief and kind");

        _bench.Refused("JournalMismatch", ErrorCategory.InvalidArgument, "'a' | Invoke-KiroPrompt -JournalPath $Journal -Resume -Attachment $Rules");
    }

    [Fact]
    public void Files_are_recognised_by_path_length_and_time()
    {
        FileInfo one = _bench.Agent.File("one.txt", "one"), two = _bench.Agent.File("two.txt", "two");
        _bench.Module.Pipe([one, two], "Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();
        File.SetLastWriteTimeUtc(two.FullName, DateTime.UtcNow.AddMinutes(-1));

        Ran ran = _bench.Module.Pipe([new FileInfo(two.FullName), new FileInfo(one.FullName)], "Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume -Ordered").WithoutError();

        Assert.Equal([false, true], ran.Results.Select(r => r.FromJournal));
        Assert.Equal(["two.txt", "one.txt"], ran.Results.Select(r => ((FileInfo)PSObject.AsPSObject(r.GetInput()!).BaseObject).Name));
    }

    [Fact]
    public void A_link_whose_target_has_changed_is_another_prompt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows, links need a right of their own.");
        FileInfo target = _bench.Agent.File("target.txt", "yesterday");
        string link = Path.Combine(_bench.Agent.Folder, "link.txt");
        File.CreateSymbolicLink(link, target.FullName);
        _bench.Module.Set("Link", link);
        const string batch = "Get-Item $Link | Invoke-KiroPrompt 'Read' -JournalPath $Journal -Resume";

        Assert.False(_bench.Module.Run(batch).WithoutError().Result.FromJournal);
        Assert.True(_bench.Module.Run(batch).WithoutError().Result.FromJournal);
        File.WriteAllText(target.FullName, "and today");
        File.SetLastWriteTimeUtc(target.FullName, DateTime.UtcNow.AddMinutes(1));
        Assert.False(_bench.Module.Run(batch).WithoutError().Result.FromJournal);
        Assert.Contains("JournalMismatch", _bench.Module.Run("Invoke-KiroPrompt 'Read' -Attachment $Link -JournalPath $Journal -Resume").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_of_a_script_block_are_recognised_by_their_text()
    {
        _bench.Module.Run("1, 2 | Invoke-KiroPrompt -Prompt { \"Explain $_\" } -JournalPath $Journal").WithoutError();

        Ran ran = _bench.Module.Run("2, 3 | Invoke-KiroPrompt -Prompt { \"Explain $_\" } -JournalPath $Journal -Resume -Ordered").WithoutError();

        Assert.Equal([true, false], ran.Results.Select(r => r.FromJournal));
    }

    [Fact]
    public void A_collected_prompt_is_one_item()
    {
        _bench.Module.Run("1..3 | Invoke-KiroPrompt 'Add up' -Collect -JournalPath $Journal").WithoutError();

        Assert.True(_bench.Module.Run("1..3 | Invoke-KiroPrompt 'Add up' -Collect -JournalPath $Journal -Resume").WithoutError().Result.FromJournal);
        Assert.False(_bench.Module.Run("1..4 | Invoke-KiroPrompt 'Add up' -Collect -JournalPath $Journal -Resume").WithoutError().Result.FromJournal);
    }

    [Fact]
    public void Equal_hashtables_are_equal_prompts_for_any_order_of_keys()
    {
        _bench.Module.Run("@{ one = 1; two = 2; three = 3 } | Invoke-KiroPrompt 'Explain' -JournalPath $Journal").WithoutError();

        Assert.True(_bench.Module.Run("@{ three = 3; two = 2; one = 1 } | Invoke-KiroPrompt 'Explain' -JournalPath $Journal -Resume").WithoutError().Result.FromJournal);
    }

    [Fact]
    public void A_journal_of_another_culture_can_be_resumed()
    {
        _bench.Module.Run("1..2 | Invoke-KiroPrompt -JournalPath $Journal").WithoutError();
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        var swedish = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
        swedish.NumberFormat.NegativeSign = "\u2212";
        swedish.NumberFormat.NumberDecimalSeparator = ",";
        _bench.Module.Set("Culture", swedish);

        Ran ran = _bench.Module.Run("[cultureinfo]::CurrentCulture = $Culture; 1..2 | Invoke-KiroPrompt -JournalPath $Journal -Resume").WithoutError();

        Assert.Equal(2, ran.Results.Count(result => result.FromJournal));
        Assert.Equal(before, System.Globalization.CultureInfo.CurrentCulture);
    }
}
