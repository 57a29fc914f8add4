using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>-WhatIf -Resume counts what the run would send, with every option that the journal compares.</summary>
public sealed class PreviewTests
{
    [Theory]
    [InlineData("", "'a', 'b' | Invoke-KiroPrompt")]
    [InlineData("", "'a', 'b' | Invoke-KiroPrompt -PromptMeta @{ vendor = @{ team = 'ops' } }")]
    [InlineData("", "'a', 'b' | Invoke-KiroPrompt -Model claude-haiku-4.5 -Agent kiro_planner")]
    [InlineData("-Model claude-haiku-4.5", "'a', 'b' | Invoke-KiroPrompt -Session s")]
    [InlineData("-Agent kiro_planner", "'a', 'b' | Invoke-KiroPrompt -Session s -Model claude-haiku-4.5")]
    [InlineData("", "'a', 'b' | ForEach-Object { [pscustomobject]@{ Text = $_; Model = 'claude-haiku-4.5' } } | Invoke-KiroPrompt { $_.Text }")]
    [InlineData("-Model claude-haiku-4.5", "'a', 'b' | ForEach-Object { [pscustomobject]@{ Text = $_; Model = 'claude-haiku-4.5' } } | Invoke-KiroPrompt { $_.Text } -Session s")]
    [InlineData("", "'a', 'b' | ForEach-Object { [pscustomobject]@{ Text = $_; Session = 'r' } } | Invoke-KiroPrompt { $_.Text }")]
    public void Finished_prompts_would_not_be_sent_again(string poolOptions, string command)
    {
        var host = new ScriptedHost();
        using var agent = new SimulatedAgent();
        string journal = Path.Combine(agent.Folder, "batch.jsonl");
        using (var first = new ModuleRunspace(agent))
            first.Set("Journal", journal).Run($"$null = Start-KiroPool @Agent {poolOptions}; $null = {command} -JournalPath $Journal").WithoutError();

        using var second = new ModuleRunspace(agent, host);
        second.Set("Journal", journal).Run($"$null = Start-KiroPool @Agent {poolOptions}; {command} -JournalPath $Journal -Resume -WhatIf").WithoutError();

        Assert.Contains("Send 0 prompts (0 characters; 2 more are in the journal)", host.Screen, StringComparison.Ordinal);
        Assert.Equal(2, agent.Prompts.Count);
    }

    [Fact]
    public void A_prompt_with_an_unknown_outcome_is_sent_only_if_it_is_to_be_repeated()
    {
        var host = new ScriptedHost();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.Set("Journal", Path.Combine(agent.Folder, "batch.jsonl")).StartWarm(1);
        module.Run("'[[crash]]' | Invoke-KiroPrompt -JournalPath $Journal");

        module.Run("'[[crash]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume -WhatIf").WithoutError();
        Assert.Contains("Send 0 prompts", host.Screen, StringComparison.Ordinal);
        module.Run("'[[crash]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume -RetryIndeterminate -WhatIf").WithoutError();
        Assert.Contains("Send 1 prompt", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preview_refuses_the_values_that_a_run_refuses()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);
        string command = "$null = New-KiroSession s; 'a' | Invoke-KiroPrompt -Session s -ConfigOption @{ effort = 'high' } -JournalPath (Join-Path $Agent.WorkingDirectory j)";

        Assert.StartsWith("NotSupported,", module.Run($"{command} -WhatIf").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
