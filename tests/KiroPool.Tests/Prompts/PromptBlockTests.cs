using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>A script block for -Prompt, which the command runs itself, one input at a time.</summary>
public sealed class PromptBlockTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;

    public PromptBlockTests()
    {
        _module = new ModuleRunspace(_agent);
        _module.Run("Start-KiroPool @Agent -MaxSize 1").WithoutError();
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public void A_block_binds_by_position()
    {
        _module.Run("1..2 | Invoke-KiroPrompt { \"Square $_\" } -ThrottleLimit 1").WithoutError();

        Assert.Equal(["Square 1", "Square 2"], _agent.Prompts);
    }

    [Fact]
    public void Several_lines_are_joined()
    {
        _module.Run("1 | Invoke-KiroPrompt { 'one'; 'two'; $_ }; Invoke-KiroPrompt ('three', 'four')").WithoutError();

        Assert.Equal(["one\ntwo\n1", "three\nfour"], _agent.Prompts);
    }

    [Theory]
    [InlineData("throw 'no'", "failed: no")]
    [InlineData("[int]::Parse('x')", "failed: ")]
    [InlineData("break", "break outside of a loop")]
    [InlineData("continue", "continue outside of a loop")]
    [InlineData("nosuchcommand", "nosuchcommand")]
    public void A_failing_block_fails_only_that_input(string failing, string reason)
    {
        Ran ran = _module.Run($"1..3 | Invoke-KiroPrompt {{ if ($_ -eq 2) {{ {failing} }}; \"p$_\" }} -Ordered -InformationVariable summary; $summary.MessageData; 'reached'");

        Assert.Equal(["p1", "p3"], _agent.Prompts);
        Assert.Equal([0, 2], ran.Results.Select(result => result.Index));
        Assert.StartsWith("PromptScriptFailed,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(reason, ran.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, ran.Error.TargetObject);
        Assert.Equal(1, ran.Value<BatchSummary>().Failed);
        Assert.Equal("reached", ran.Output[^1]!.ToString());
    }

    [Fact]
    public void A_failing_block_counts_as_a_failure()
    {
        Ran ran = _module.Run("1..5 | Invoke-KiroPrompt { throw 'no' } -MaxFailures 2");

        Assert.Equal(["PromptScriptFailed", "PromptScriptFailed", "TooManyFailures"], ran.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void With_Ordered_an_error_has_the_position_of_its_result()
    {
        Ran ran = _module.Run("1..3 | Invoke-KiroPrompt { if ($_ -eq 2) { throw 'no' }; \"p$_\" } -Ordered 2>&1 | ForEach-Object { \"$_\" }");

        Assert.Equal(["You said: p1", "The script block of -Prompt failed: no", "You said: p3"], ran.Output.Select(one => one!.ToString()));
    }

    [Fact]
    public void A_block_makes_prompts_of_paths_too()
    {
        _agent.File("a.txt", "abc");
        _agent.File("b.txt", "abc");

        Ran ran = _module.Set("Folder", _agent.Folder).Run("Invoke-KiroPrompt { \"Review $($_.Name)\" } -Path $Folder/?.txt -Ordered").WithoutError();

        Assert.Equal(["You said: Review a.txt\nLinked: a.txt (3 bytes)", "You said: Review b.txt\nLinked: b.txt (3 bytes)"], ran.Texts);
    }

    [Fact]
    public void A_block_sees_the_callers_variables_and_writes_to_the_callers_streams()
    {
        Ran ran = _module.Run("$how = 'Shout'; 'a' | Invoke-KiroPrompt { Write-Warning 'in the block'; \"$how $_\" }").WithoutError();

        Assert.Equal(["Shout a"], _agent.Prompts);
        Assert.Equal(["in the block"], ran.Warnings);
    }

    [Fact]
    public void Blank_inputs_with_a_prompt_are_skipped_and_counted()
    {
        Ran ran = _module.Run("'', $null, '   ', 'x', [System.Text.StringBuilder]::new() | Invoke-KiroPrompt 'Explain' -InformationVariable summary; $summary.MessageData").WithoutError();

        Assert.Equal(["Explain\n\nx"], _agent.Prompts);
        Assert.Equal(3, ran.Result.Index);
        BatchSummary summary = ran.Value<BatchSummary>();
        Assert.Equal((1, 0, 4), (summary.Completed, summary.Failed, summary.Skipped));
        Assert.Contains("4 blank inputs were skipped", summary.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Collected_blank_inputs_give_no_prompt()
    {
        Assert.Empty(_module.Run("'', $null, ' ' | Invoke-KiroPrompt 'Explain' -Collect; Invoke-KiroPrompt 'Explain' -InputObject $null").WithoutError().Output);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void Blank_lines_between_others_are_collected()
    {
        _module.Run("'', 'a', '', 'b' | Invoke-KiroPrompt 'Explain' -Collect").WithoutError();

        Assert.Equal(["Explain\n\n\na\n\nb"], _agent.Prompts);
    }

    [Theory]
    [InlineData("1..70 | ForEach-Object { [pscustomobject]@{ t = 'x' * 250000 } } | Invoke-KiroPrompt 'Sum up' -Collect")]
    [InlineData("1..17 | ForEach-Object { Get-Item $File } | Invoke-KiroPrompt 'Sum up' -Collect -Embed")]
    [InlineData("1..17 | ForEach-Object { Get-Item $File } | Invoke-KiroPrompt -Collect")]
    [InlineData("'a' | Invoke-KiroPrompt 'Sum up' -Collect -Embed -Attachment (1..17 | ForEach-Object { $File })")]
    [InlineData("1..17 | Invoke-KiroPrompt { 'x' * 1MB } -Collect")]
    [InlineData("Invoke-KiroPrompt 'Sum up' -Embed -Attachment (1..17 | ForEach-Object { $File })")]
    [InlineData(", (1..17 | ForEach-Object { Get-Item $File }) | Invoke-KiroPrompt 'Sum up' -Embed")]
    public void All_collected_and_embedded_text_counts_for_the_limit(string script)
    {
        FileInfo file = _agent.File("large.md", new string('x', 1024 * 1024));

        Ran ran = _module.Set("File", file.FullName).Run(script);

        Assert.Equal("CollectedInputTooLarge", ran.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(_agent.Prompts);
    }
}
