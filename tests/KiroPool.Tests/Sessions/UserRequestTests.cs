using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Sessions;

/// <summary>Forms and commands of an agent on the official SDK, in a conversation and in a batch.</summary>
public sealed class UserRequestTests : IDisposable
{
    private const string Form = """form {"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kiropool-user-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_conversation_asks_the_user_with_a_form()
    {
        var host = new ScriptedHost(Form, "y", "Ada", "y", "/exit");
        using ModuleRunspace module = Start(host);

        PromptResult result = module.Run("Enter-KiroSession -PassThru; Stop-KiroPool").WithoutError().Result;

        Assert.Equal("""{"action":"accept","content":{"name":"Ada"}}""", result.Text);
        Assert.Contains("The agent asks:\n  Please fill in.", host.Screen.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("The question was accepted.", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_that_the_agent_withdraws_costs_no_turn()
    {
        var host = new ScriptedHost("unask");
        using ModuleRunspace module = Start(host);
        PoolInfo pool = module.Run("Get-KiroPool").WithoutError().Value<PoolInfo>();
        using RunningScript running = module.Begin("Enter-KiroSession -PassThru; Stop-KiroPool");
        Eventually.Holds(() => host.Screen.Contains("Allow ", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder.FullName, "asked"), "");
        Eventually.Holds(() => pool.Pool.GetStatistics().Completed == 1);

        // The host's own question stays until the user answers it.
        host.Type("y");
        host.Type("/exit");
        PromptResult result = running.End().WithoutError().Result;

        Assert.Equal("Completed", result.Outcome);
        Assert.Contains("The question was withdrawn.", host.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("Cancelled.", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_asks_before_a_command_of_the_agent_runs()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no program echo.");
        var host = new ScriptedHost("""run {"command":"echo","args":["hello"]}""", "n", """run {"command":"echo","args":["hello"]}""", "y", "/exit");
        using ModuleRunspace module = Start(host);

        IReadOnlyList<PromptResult> results = module.Run("Enter-KiroSession -PassThru; Stop-KiroPool").WithoutError().Results;

        Assert.Contains("was not approved", results[0].Text, StringComparison.Ordinal);
        Assert.Contains("\"output\":\"hello\\n\"", results[1].Text, StringComparison.Ordinal);
        Assert.Contains("Allow execute: echo hello?", host.Screen, StringComparison.Ordinal);
        Assert.Equal(["Rejected", "Allowed"], results.SelectMany(result => result.ToolCalls).Select(call => call.Permission));
    }

    [Fact]
    public void A_batch_offers_neither_and_a_session_of_a_conversation_cancels_in_a_batch()
    {
        var host = new ScriptedHost("hello", "/exit");
        using ModuleRunspace module = Start(host);

        Ran ran = module.Run($$"""
            Invoke-KiroPrompt 'client'
            Enter-KiroSession review
            Invoke-KiroPrompt -Session review '{{Form}}'
            Stop-KiroPool
            """).WithoutError();

        Assert.DoesNotContain("elicitation", ran.Results[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"terminal\":true", ran.Results[0].Text, StringComparison.Ordinal);
        Assert.Equal("""{"action":"cancel"}""", ran.Results[1].Text);
    }

    private ModuleRunspace Start(ScriptedHost host)
    {
        var module = new ModuleRunspace(host: host);
        module.Set("Node", ConformanceAgent.Node).Set("Script", ConformanceAgent.Script).Set("Folder", _folder.FullName)
            .Run("$null = Start-KiroPool -FilePath $Node -ArgumentList $Script -WorkingDirectory $Folder -MinSize 0").WithoutError();
        return module;
    }
}
