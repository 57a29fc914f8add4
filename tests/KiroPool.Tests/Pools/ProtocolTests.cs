using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>The same cmdlets over all three protocols.</summary>
public sealed class ProtocolTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;

    public ProtocolTests()
    {
        _agent.Parameters.Remove("ArgumentList");
        _module = new ModuleRunspace(_agent);
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Theory]
    [InlineData("Acp")]
    [InlineData("Chat")]
    [InlineData("Delimited")]
    public void A_batch_works_in_every_protocol(string protocol)
    {
        PoolInfo pool = _module.Run($"Start-KiroPool @Agent -Protocol {protocol} -MaxSize 3").WithoutError().Value<PoolInfo>();
        Ran ran = _module.Run("1..20 | Invoke-KiroPrompt -Ordered").WithoutError();

        Assert.Equal(protocol, pool.Protocol);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"You said: {i}"), ran.Texts);
        Assert.Equal(20, _module.Statistics().Completed);
        Assert.Equal(protocol == "Chat" ? 0 : (int?)null, ran.Results[0].ExitCode ?? (protocol == "Chat" ? -1 : null));
        Assert.Equal(protocol != "Acp", ran.Results[0].RawText is not null);
    }

    [Theory]
    [InlineData("-Protocol Chat; $null = New-KiroSession s", "NotSupported", "Acp")]
    [InlineData("-Protocol Chat; Invoke-KiroPrompt x -PermissionHandler { 'Allow' }", "NotSupported", "Acp")]
    [InlineData("-Protocol Chat -ReuseProcesses", "NotSupported", "Delimited")]
    [InlineData("-Protocol Delimited -ResumeConversation", "NotSupported", "Chat")]
    [InlineData("-Protocol Delimited -Engine V2", "NotSupported", "Acp")]
    [InlineData("-Protocol Nonsense", "CannotConvertArgumentNoMessage", "Delimited")]
    public void The_error_names_the_protocol_that_supports_the_request(string script, string id, string names)
    {
        ErrorRecord error = _module.Run($"$null = Start-KiroPool @Agent {script}").Error;

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(names, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("-TrustAllTools", true)]
    [InlineData("-TrustTools execute", true)]
    public void The_trust_of_a_prompt_reaches_a_chat_process(string trust, bool isTrusted)
    {
        _module.Run("$null = Start-KiroPool @Agent -Protocol Chat").WithoutError();
        PromptResult result = _module.Run($"Invoke-KiroPrompt 'x [[permission execute]]' {trust}").WithoutError().Result;

        Assert.Equal(isTrusted, result.Text.Contains("Permission: trusted", StringComparison.Ordinal));
    }

    [Fact]
    public void A_delimited_session_remembers_its_turns()
    {
        _module.Run("$null = Start-KiroPool @Agent -Protocol Delimited").WithoutError();

        Assert.Equal("1 earlier prompt:\none", _module.Run("'one', 'history' | Invoke-KiroPrompt -Session s -Ordered").WithoutError().Results[1].Text);
        Assert.Equal("No earlier prompts.", _module.Run("Invoke-KiroPrompt history").WithoutError().Result.Text);
    }

    [Fact]
    public void Models_and_agents_of_kiro_cli_are_listed_without_a_pool()
    {
        _module.Run("$asked = @{ FilePath = $Agent.FilePath; Environment = $Agent.Environment; WorkingDirectory = $Agent.WorkingDirectory }").WithoutError();

        KiroModel[] models = [.. _module.Run("Get-KiroModel @asked").WithoutError().Values<KiroModel>()];
        Assert.Contains(models, m => m is { Id: "auto", IsDefault: true });
        Assert.Equal(["claude-haiku-4.5"], _module.Run("Get-KiroModel *haiku* @asked").WithoutError().Values<KiroModel>().Select(m => m.Id));

        Directory.CreateDirectory(Path.Combine(_agent.Folder, ".kiro", "agents"));
        _agent.File(Path.Combine(".kiro", "agents", "reviewer.json"), """{ "name": "reviewer", "description": "Reviews" }""");
        KiroAgent reviewer = _module.Run("Get-KiroAgent rev* @asked").WithoutError().Value<KiroAgent>();
        Assert.Equal(("reviewer", "Workspace", "Reviews"), (reviewer.Name, reviewer.Source, reviewer.Description));
    }

    [Fact]
    public void A_missing_sign_in_is_reported_at_once()
    {
        using var agent = new SimulatedAgent(new { signedIn = false });
        agent.Parameters.Remove("ArgumentList");
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("Start-KiroPool @Agent").Error;

        Assert.StartsWith("SignInRequired,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("kiro-cli login", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, agent.Count("start"));
        Assert.Empty(module.Run("Start-KiroPool @Agent -SkipSignInCheck -NoWait; Stop-KiroPool -Force").Errors);
    }
}
