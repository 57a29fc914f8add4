using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

public sealed class ResultTests
{
    [Fact]
    public void A_result_describes_its_prompt_completely()
    {
        using var agent = new SimulatedAgent(new { turnMs = 30, credits = 0.25, contextPercentPerPrompt = 2.5 });
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        IReadOnlyList<PromptResult> results = module.Run("'first', 'second' | Invoke-KiroPrompt -ThrottleLimit 1").WithoutError().Results;

        Assert.Equal(2, results.Count);
        Assert.False(results[0].Reused);
        PromptResult second = results[1];
        Assert.Equal(1, second.Index);
        Assert.Equal("second", second.Prompt);
        Assert.Equal("second", second.InputObject);
        Assert.Equal("You said: second", second.Text);
        Assert.Equal("Completed", second.Outcome);
        Assert.Equal("end_turn", second.StopReason);
        Assert.InRange(second.Duration, TimeSpan.FromMilliseconds(30), Eventually.Limit);
        Assert.InRange(second.QueuedFor, TimeSpan.Zero, second.Duration);
        Assert.InRange(second.SessionWait, TimeSpan.Zero, second.Duration);
        Assert.InRange(second.TimeToFirstText!.Value, TimeSpan.FromMilliseconds(1), second.Duration);
        Assert.True(second.Reused);
        Assert.Equal(module.Statistics().Processes.Single().ProcessId, second.ProcessId);
        Assert.Equal(agent.Events.Single(e => e is { Event: "prompt", Text: "second" }).SessionId, second.SessionId);
        Assert.Equal("kiro_default", second.Agent);
        Assert.Equal("auto", second.Model);
        Assert.True(second.ModelVerified);
        Assert.Equal(agent.Folder, second.WorkingDirectory);
        Assert.Equal(0.25m, second.Credits);
        Assert.Equal(2.5, second.ContextPercent);
        Assert.Empty(second.ToolCalls);
    }

    [Fact]
    public void A_result_converts_to_its_text()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent | Out-Null; $result = Invoke-KiroPrompt 'hello'; \"$result\"; $result.ToString()").WithoutError();

        Assert.Equal(["You said: hello", "You said: hello"], ran.Values<string>());
    }

    [Fact]
    public void A_result_lists_the_tools_that_the_agent_requested()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ToolCall call = Assert.Single(module.Run("Start-KiroPool @Agent | Out-Null; Invoke-KiroPrompt '[[permission execute]]'").WithoutError().Result.ToolCalls);

        Assert.Equal("execute", call.Kind);
        Assert.Equal("failed", call.Status);
        Assert.Equal("Rejected", call.Permission);
        Assert.Equal("Nobody", call.DecidedBy);
    }

    [Fact]
    public void A_result_keeps_its_tool_calls_when_it_is_serialized()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            Start-KiroPool @Agent | Out-Null
            $result = Invoke-KiroPrompt '[[permission execute]]' -WarningAction Ignore
            $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($result))
            $copy.Outcome, $copy.Text, $copy.ToolCalls[0].Kind, $copy.ToolCalls[0].Permission
            """).WithoutError();

        Assert.Equal(["Completed", "You said: [[permission execute]]\nPermission: reject_once", "execute", "Rejected"], ran.Values<string>());
    }

    [Fact]
    public void A_stand_alone_prompt_sees_no_earlier_conversation()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("'something', 'history', 'history' | Invoke-KiroPrompt -ThrottleLimit 1").WithoutError();

        Assert.Equal(["You said: something", "No earlier prompts.", "No earlier prompts."], ran.Texts);
        Assert.Single(ran.Results.Select(r => r.ProcessId).Distinct());
        Assert.Equal(3, ran.Results.Select(r => r.SessionId).Distinct().Count());
    }

    [Fact]
    public void The_requested_agent_and_model_are_used_and_shown()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PromptResult result = module.Run("Start-KiroPool @Agent -MinSize 0 | Out-Null; Invoke-KiroPrompt 'x' -Agent kiro_planner -Model claude-haiku-4.5").WithoutError().Result;

        Assert.Equal("kiro_planner", result.Agent);
        Assert.Equal("claude-haiku-4.5", result.Model);
        Assert.Contains(agent.Events, e => e is { Event: "set_mode", Text: "kiro_planner" });
        Assert.Contains(agent.Events, e => e is { Event: "set_model", Text: "claude-haiku-4.5" });
    }

    [Fact]
    public void The_agent_works_in_the_requested_directory()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        string folder = Directory.CreateDirectory(Path.Combine(agent.Folder, "some where")).FullName;

        PromptResult result = module.Set("Folder", folder).Run("Start-KiroPool @Agent -MinSize 0 | Out-Null; Invoke-KiroPrompt 'x' -WorkingDirectory $Folder").WithoutError().Result;

        Assert.Equal(folder, result.WorkingDirectory);
        Assert.Equal(folder, agent.Events.First(e => e.Event == "session/new").Text);
    }
}
