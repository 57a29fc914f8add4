using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>What the user sees of kiro-cli's engine V3: its name, its agents, its cost, its questions, its own permissions.</summary>
public sealed class EngineTests : IDisposable
{
    private readonly SimulatedAgent _agent = V3(new { engine = "v3", v3 = new { tokens = true } });
    private readonly ModuleRunspace _module;

    public EngineTests() => _module = new ModuleRunspace(_agent);

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public void The_pool_and_its_statistics_show_the_engine_that_answers()
    {
        _module.Run("$pool = Start-KiroPool @Agent").WithoutError();

        Assert.Equal(["V3", "V3", "V3"], _module.Run("$pool.Engine; (Get-KiroPoolStats).Engine; (Get-KiroPoolStats).Processes[0].Engine").WithoutError().Values<string>());
    }

    [Fact]
    public void A_delimited_program_reports_no_engine()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("$pool = Start-KiroPool @Agent -Protocol Delimited").WithoutError();

        Assert.Equal([true, true], module.Run("$null -eq $pool.Engine; $null -eq (Get-KiroPoolStats).Engine").WithoutError().Values<bool>());
    }

    [Fact]
    public void The_agents_are_those_of_the_engine()
    {
        _module.Run("$null = Start-KiroPool @Agent").WithoutError();
        string[] offered = Agents("Get-KiroAgent");

        Assert.Contains("vibe", offered);
        Assert.DoesNotContain("kiro_default", offered);
    }

    [Fact]
    public void Without_a_pool_the_engine_chooses_the_built_in_agents_and_the_kinds_of_files()
    {
        _module.Run("$asked = @{ FilePath = $Agent.FilePath; Environment = $Agent.Environment; WorkingDirectory = $Agent.WorkingDirectory }").WithoutError();
        Directory.CreateDirectory(Path.Combine(_agent.Folder, ".kiro", "agents"));
        _agent.File(Path.Combine(".kiro", "agents", "both.json"), """{ "name": "both" }""");
        _agent.File(Path.Combine(".kiro", "agents", "written.md"), "---\nname: written\ndescription: Writes\n---\nYou write.\n");
        _agent.File(Path.Combine(".kiro", "agents", "listed.yml"), "name: listed\ndescription: \"Lists\"\n");

        Assert.Equal(["both", "kiro_default", "kiro_planner"], Agents("Get-KiroAgent @asked").Where(IsOfTest));
        Assert.Equal(["both", "kiro_default", "kiro_planner"], Agents("Get-KiroAgent -Engine V2 @asked").Where(IsOfTest));
        Assert.Equal(["both", "listed", "plan", "vibe", "written"], Agents("Get-KiroAgent -Engine V3 @asked").Where(IsOfTest));
        Assert.Equal("Writes", _module.Run("Get-KiroAgent written -Engine V3 @asked").WithoutError().Value<KiroAgent>().Description);

        static bool IsOfTest(string name) => name is "both" or "written" or "listed" or "vibe" or "plan" or "kiro_default" or "kiro_planner";
    }

    [Fact]
    public void A_result_has_the_tokens_and_credits_of_its_turn()
    {
        _module.Run("$null = Start-KiroPool @Agent").WithoutError();
        PromptResult result = _module.Run("Invoke-KiroPrompt hello").WithoutError().Result;

        Assert.Equal((0.05m, 1200L, 80L, 1000L, 50L), (result.Credits, result.InputTokens, result.OutputTokens, result.CachedReadTokens, result.CachedWriteTokens));
    }

    [Fact]
    public void A_question_is_cancelled_and_reported_once_without_a_handler()
    {
        _module.Run("$null = Start-KiroPool @Agent").WithoutError();
        Ran ran = _module.Run("'[[question Yes|No]] a', '[[question Yes|No]] b' | Invoke-KiroPrompt -TrustAllTools -Ordered").WithoutError();

        Assert.Contains("question", Assert.Single(ran.Warnings), StringComparison.Ordinal);
        Assert.All(ran.Results, result => Assert.EndsWith("Answer: cancelled", result.Text, StringComparison.Ordinal));
        Assert.All(ran.Results, result => Assert.Equal(("Cancelled", "Nobody"), (Assert.Single(result.ToolCalls).Permission, result.ToolCalls[0].DecidedBy)));
    }

    [Theory]
    [InlineData("{ 'no' }", "No")]
    [InlineData("{ param($request) $request.Options[-1] }", "No")]
    [InlineData("{ param($request) if ($request.IsQuestion) { $request.Answer = 'Yes'; 'Allow' } }", "Yes")]
    [InlineData("{ 'Reject' }", "cancelled")]
    [InlineData("{ 'Maybe' }", "cancelled")]
    [InlineData("{ 'Allow' }", "cancelled")]
    public void A_handler_answers_a_question_with_the_name_of_an_option(string handler, string answer)
    {
        _module.Run("$null = Start-KiroPool @Agent").WithoutError();

        Assert.EndsWith($"Answer: {answer}", _module.Run($"Invoke-KiroPrompt '[[question Yes|No]]' -PermissionHandler {handler}").WithoutError().Result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_in_a_console_is_answered_with_its_key()
    {
        var host = new ScriptedHost("[[question Red|Green|Blue]]", "2", "[[question Red|Green]]", "n", "n", "exit");
        using SimulatedAgent agent = V3(new { engine = "v3" });
        using var module = new ModuleRunspace(agent, host);
        module.Run("$null = Start-KiroPool @Agent").WithoutError();
        IReadOnlyList<PromptResult> results = module.Run("Enter-KiroSession -PassThru").WithoutError().Results;

        Assert.EndsWith("Answer: Green", results[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("Answer: cancelled", results[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tool_that_ran_by_the_agents_own_permissions_is_marked_and_reported_once()
    {
        using SimulatedAgent agent = V3(new { engine = "v3", v3 = new { asksForTools = false } });
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent").WithoutError();
        Ran untrusted = module.Run("'[[permission edit]] a', '[[permission edit]] b' | Invoke-KiroPrompt").WithoutError();
        Ran trusted = module.Run("Invoke-KiroPrompt '[[permission edit]] a' -TrustTools write").WithoutError();

        Assert.Contains("permissions.yaml", Assert.Single(untrusted.Warnings), StringComparison.Ordinal);
        Assert.All(untrusted.Results, result => Assert.Equal("Agent", Assert.Single(result.ToolCalls).DecidedBy));
        Assert.Empty(trusted.Warnings);
        Assert.Equal("Agent", Assert.Single(trusted.Result.ToolCalls).DecidedBy);
    }

    private static SimulatedAgent V3(object settings)
    {
        var agent = new SimulatedAgent(settings);
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method", "cli" };
        return agent;
    }

    private string[] Agents(string script) => [.. _module.Run(script).WithoutError().Values<KiroAgent>().Select(agent => agent.Name)];
}
