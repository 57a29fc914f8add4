using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>What people do with results and inputs without reading the help first.</summary>
public sealed class NaturalUseTests : WarmAgentTests
{
    [Fact]
    public void Export_Csv_has_text_in_every_column()
    {
        string row = _module.Run("Invoke-KiroPrompt 'a [[tool read]]' | ConvertTo-Csv | Select-Object -Last 1").WithoutError().Value<string>();

        Assert.Contains("Simulated read (read, completed)", row, StringComparison.Ordinal);
        Assert.DoesNotContain("KiroPool.", row, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", row, StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_Object_works_on_seconds()
    {
        Ran ran = _module.Run("$r = 'a [[sleep 300]]', 'b' | Invoke-KiroPrompt; ($r | Measure-Object Seconds -Sum).Sum; ($r | Measure-Object TurnSeconds -Maximum).Maximum; $r").WithoutError();

        Assert.Equal(ran.Results.Sum(r => r.Seconds), (double)ran.Output[0]!.BaseObject, 3);
        Assert.InRange((double)ran.Output[1]!.BaseObject, 0.25, 30);
        Assert.All(ran.Results, r => Assert.Equal(r.Duration.TotalSeconds, r.Seconds, 3));
    }

    [Theory]
    [InlineData("'00:00:02'")]
    [InlineData("(New-TimeSpan -Seconds 2)")]
    [InlineData("2")]
    public void A_time_limit_is_seconds_or_a_time_span(string limit)
    {
        ErrorRecord error = _module.Run($"Invoke-KiroPrompt '[[hang]]' -TimeoutSec {limit}").Error;

        Assert.Contains("after 2 s", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_KiroPool_takes_time_spans_too()
    {
        Assert.Equal(TimeSpan.FromMinutes(5), _module.Run("(Start-KiroPool @Agent -Force -NoWait -IdleTimeoutSec '00:05:00').Options.IdleTimeout").WithoutError().Value<TimeSpan>());
    }

    [Fact]
    public void Rows_bind_their_own_model_agent_session_and_directory()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_agent.Folder, "sub")).FullName;
        FileInfo csv = _agent.File("rows.csv", $"Prompt,Model,Agent,Session,WorkingDirectory\na,claude-haiku-4.5,,,\nb,,kiro_planner,,\nc,,,review,\nd,,,,{folder}\ne,,,,\n");

        IReadOnlyList<PromptResult> results = _module.Set("Csv", csv.FullName).Run("Import-Csv $Csv | Invoke-KiroPrompt -Ordered").WithoutError().Results;

        Assert.Equal(["claude-haiku-4.5", "auto", "auto", "auto", "auto"], results.Select(r => r.Model));
        Assert.Equal("kiro_planner", results[1].Agent);
        Assert.Equal([null, null, "review", null, null], results.Select(r => r.Session));
        Assert.Equal([_agent.Folder, folder, _agent.Folder], results.Skip(2).Select(r => r.WorkingDirectory));
    }

    [Fact]
    public void A_parameter_wins_over_the_rows_and_a_bad_row_costs_only_itself()
    {
        Ran ran = _module.Run("'Prompt,Model', 'a,gpt-99', 'b,' | ConvertFrom-Csv | Invoke-KiroPrompt -Ordered; 'Prompt,Model', 'c,gpt-99' | ConvertFrom-Csv | Invoke-KiroPrompt -Model claude-haiku-4.5");

        Assert.StartsWith("ModelNotFound,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["You said: b", "You said: c"], ran.Texts);
    }

    [Fact]
    public void Results_do_not_bind_their_model_or_session()
    {
        Ran ran = _module.Run("$first = Invoke-KiroPrompt 'a' -Session one; $first | Invoke-KiroPrompt 'again'; $first | Select-Object * | Invoke-KiroPrompt 'and again'").WithoutError();

        Assert.All(ran.Results, result => Assert.Null(result.Session));
    }

    [Fact]
    public void An_error_names_its_prompt_and_its_file()
    {
        _agent.File("bad.md", "x");
        Ran ran = _module.Run("Get-Item (Join-Path $Agent.WorkingDirectory bad.md) | Invoke-KiroPrompt '[[error boom]]'; 'ok', '[[error no]]' | Invoke-KiroPrompt; Invoke-KiroPrompt '[[error alone]]'");

        Assert.StartsWith("Prompt 0 (bad.md): ", ran.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Prompt 1: ", ran.Errors[1].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Prompt 0", ran.Errors[2].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("execute", "-TrustTools shell allows them")]
    [InlineData("edit", "-TrustTools write allows them")]
    [InlineData("read", "-TrustTools read allows them")]
    [InlineData("other", "-TrustAllTools allows them")]
    public void The_warning_about_rejected_tools_names_the_tool_and_the_switch(string kind, string remedy)
    {
        string warning = Assert.Single(_module.Run($"Invoke-KiroPrompt 'x [[permission {kind}]]'").WithoutError().Warnings);

        Assert.Contains(remedy, warning, StringComparison.Ordinal);
        Assert.Contains($"Simulated {kind}", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Attempts_tell_of_repeats_without_verbose()
    {
        PromptResult once = _module.Run("Invoke-KiroPrompt 'x'").WithoutError().Result;
        var failed = (PromptFailedException)_module.Run("Invoke-KiroPrompt '[[error no]]' -RetryCount 2").Error.Exception;

        Assert.Equal((1, 3), (once.Attempts, failed.Result.Attempts));
    }

    [Theory]
    [InlineData("[[ratelimit]]", "-RetryCount")]
    [InlineData("[[error boom]]", "-RetryCount")]
    public void Advice_helps(string prompt, string advice)
    {
        Assert.Contains(advice, _module.Run($"Invoke-KiroPrompt '{prompt}'").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invoke-KiroPrompt -Model haiku", "claude-haiku-4.5")]
    [InlineData("Get-KiroModel opus", "claude-opus-4.5")]
    [InlineData("Start-KiroPool -TrustTools sh", "shell")]
    [InlineData("Invoke-KiroPrompt -TrustTools gr", "grep")]
    public void Completion_finds_a_part_of_a_name(string typed, string completion)
    {
        Assert.Contains(completion, Complete(typed));
    }

    [Fact]
    public void Completion_of_a_directory_offers_no_files()
    {
        Directory.CreateDirectory(Path.Combine(_agent.Folder, "sub"));
        _agent.File("subject.txt", "x");

        string completion = Assert.Single(Complete($"Invoke-KiroPrompt -WorkingDirectory {_agent.Folder}/sub"));

        Assert.EndsWith("sub", completion, StringComparison.Ordinal);
    }

    private string[] Complete(string typed) =>
        [.. _module.Set("Typed", typed).Run("(TabExpansion2 $Typed $Typed.Length).CompletionMatches.CompletionText").WithoutError().Values<string>()];
}
