using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Schemas;

/// <summary>Answers as objects, from prompts that run.</summary>
public sealed class SchemaPromptTests
{
    private const string Finding = "@{ severity = 'low', 'high', 'fatal'; summary = [string]; hosts = @([string]) }";

    [Fact]
    public void The_value_of_a_result_is_an_object_of_the_schema()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PromptResult result = module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt 'A high load?' -Schema {Finding}").WithoutError().Result;

        var value = Assert.IsType<PSObject>(result.Value);
        Assert.Equal("high", value.Properties["severity"].Value);
        Assert.Equal(2, Assert.IsType<object[]>(Assert.IsType<PSObject>(value.Properties["hosts"].Value).BaseObject).Length);
        Assert.Equal(1, result.Attempts);
        Assert.Equal("A high load?", result.Prompt);
    }

    [Fact]
    public void The_instruction_is_a_part_of_its_own_behind_the_prompt_and_what_is_attached()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run($"$null = Start-KiroPool @Agent; 'piped' | Invoke-KiroPrompt 'Judge' -Schema {Finding}").WithoutError();

        string prompt = Assert.Single(agent.Prompts);
        Assert.StartsWith("Judge\n\npiped\n\nAnswer with one JSON value", prompt, StringComparison.Ordinal);
        Assert.Equal(prompt.IndexOf("JSON Schema:", StringComparison.Ordinal), prompt.LastIndexOf("JSON Schema:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fenced")]
    [InlineData("words")]
    [InlineData("two")]
    public void An_answer_with_more_than_the_value_needs_no_second_turn(string word)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PromptResult result = module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt '[[json {word}]] high' -Schema {Finding}").WithoutError().Result;

        Assert.Equal("high", ((PSObject)result.Value!).Properties["severity"].Value);
        Assert.Equal(1, agent.Count("prompt"));
    }

    [Theory]
    [InlineData("Acp")]
    [InlineData("Chat")]
    [InlineData("Delimited")]
    public void A_wrong_answer_is_answered_with_its_faults_by_path_and_the_costs_are_summed(string protocol)
    {
        using var agent = new SimulatedAgent(new { credits = 0.25 });
        using var module = new ModuleRunspace(agent);
        agent.Parameters.Remove("ArgumentList");
        agent.Parameters["Protocol"] = protocol;

        PromptResult result = module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt '[[json wrong]] high' -Schema {Finding}").WithoutError().Result;

        Assert.Equal(2, result.Attempts);
        Assert.NotNull(result.Value);
        Assert.Equal(2, agent.Count("prompt"));
        Assert.Contains("does not fit the JSON Schema:\n- /", agent.Prompts[1], StringComparison.Ordinal);
        Assert.Equal(protocol == "Chat", agent.Prompts[1].Contains("[[json wrong]]", StringComparison.Ordinal));
        if (protocol == "Acp")
        {
            Assert.Equal(0.5m, result.Credits);
            Assert.Single(agent.Events.Where(e => e.Event == "prompt").Select(e => e.SessionId).Distinct());
        }
    }

    [Fact]
    public void An_answer_that_never_fits_is_the_error_InvalidOutput_with_the_faults_and_the_last_text()
    {
        using var agent = new SimulatedAgent(new { credits = 0.25 });
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt '[[json never]]' -Schema {Finding} -SchemaRetryCount 1").Error;

        Assert.StartsWith("InvalidOutput,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("/hosts: ", error.Exception.Message, StringComparison.Ordinal);
        PromptResult result = Assert.IsType<PromptFailedException>(error.Exception).Result;
        Assert.Equal((2, 0.5m, "Failed"), (result.Attempts, result.Credits, result.Outcome));
        Assert.StartsWith("{", result.Text, StringComparison.Ordinal);
        Assert.Null(result.Value);
        Assert.Equal(2, agent.Count("prompt"));
    }

    [Fact]
    public void Without_retries_one_wrong_answer_is_the_end()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt '[[json wrong]]' -Schema {Finding} -SchemaRetryCount 0 -ErrorAction SilentlyContinue");

        Assert.Equal(1, agent.Count("prompt"));
    }

    [Fact]
    public void The_time_limit_covers_all_turns()
    {
        using var agent = new SimulatedAgent(new { turnMs = 700 });
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        ErrorRecord error = module.Run($"Invoke-KiroPrompt '[[json never]]' -Schema {Finding} -SchemaRetryCount 100 -TimeoutSec 2").Error;

        Assert.StartsWith("PromptTimedOut,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.InRange(((PromptFailedException)error.Exception).Result.Attempts, 2, 4);
    }

    [Fact]
    public void A_session_is_asked_again_in_its_own_conversation_and_a_stream_shows_all_turns()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt '[[json wrong]]' -Schema {Finding} -Session s -Stream; Invoke-KiroPrompt 'history' -Session s").WithoutError();

        Assert.Equal(2, ran.Results[0].Attempts);
        Assert.EndsWith("}" + ran.Results[0].Text, string.Concat(ran.Values<PromptUpdate>().Select(update => update.Text)), StringComparison.Ordinal);
        Assert.StartsWith("2 earlier prompts:", ran.Results[1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Schema @{}", "SchemaInvalid")]
    [InlineData("-Schema '{ \"severity\": 1 }'", "SchemaInvalid")]
    [InlineData("-Schema ./none.json", "SchemaInvalid")]
    [InlineData("-Expand", "SchemaMissing")]
    [InlineData("-SchemaRetryCount 1", "SchemaMissing")]
    [InlineData("-Schema @{ a = [int] } -SchemaRetryCount -1", "SchemaRetryCountOutOfRange")]
    [InlineData("-MaxCredits 0", "MaxCreditsOutOfRange")]
    [InlineData("-MaxCost -1", "MaxCostOutOfRange")]
    [InlineData("-MaxTokens 0", "MaxTokensOutOfRange")]
    public void A_wrong_option_is_an_error_before_any_prompt_runs(string parameters, string id)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent").WithoutError();

        ErrorRecord error = module.Run($"'a', 'b' | Invoke-KiroPrompt {parameters}").Error;

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(0, agent.Count("prompt"));
    }

    [Fact]
    public void A_journal_keeps_the_value_resumes_by_it_and_refuses_another_schema()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent; $journal = Join-Path $Agent.WorkingDirectory j.jsonl").WithoutError();

        module.Run("'high' | Invoke-KiroPrompt -Schema @{ a = 'low', 'high'; at = [datetime] } -JournalPath $journal").WithoutError();
        Ran again = module.Run("'high' | Invoke-KiroPrompt -Schema @{ a = 'low', 'high'; at = [datetime] } -JournalPath $journal -Resume -Expand").WithoutError();
        ErrorRecord other = module.Run("'high' | Invoke-KiroPrompt -Schema @{ a = 'low', 'fatal' } -JournalPath $journal -Resume").Error;
        Ran imported = module.Run("$r = Import-KiroJournal $journal; $r.Value.a; $r.FromJournal; $r.Prompt").WithoutError();

        PSObject value = Assert.Single(again.Output)!;
        Assert.Equal("high", value.Properties["a"].Value);
        Assert.IsType<DateTime>(value.Properties["at"].Value);
        Assert.Equal(1, agent.Count("prompt"));
        Assert.StartsWith("JournalMismatch,", other.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["high", true, "high"], imported.Output.Select(o => o!.BaseObject));
    }

    [Fact]
    public void An_imported_journal_has_the_reason_of_each_failure()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent; $journal = Join-Path $Agent.WorkingDirectory j.jsonl").WithoutError();

        string message = module.Run("'good', 'bad [[error it broke]]' | Invoke-KiroPrompt -ThrottleLimit 1 -JournalPath $journal").Error.Exception.Message;
        Ran imported = module.Run("Import-KiroJournal $journal | Sort-Object Outcome | ForEach-Object { \"$($_.Outcome)|$($_.Failure)|$($_.FailureMessage)\" }").WithoutError();

        Assert.Equal(["Completed||", $"Failed|AgentError|{message}"], imported.Values<string>());
    }
}
