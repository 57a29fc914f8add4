using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Sessions;

/// <summary>Conversations that the agent has stored.</summary>
public sealed class SavedSessionTests : IDisposable
{
    private readonly DirectoryInfo _store = Directory.CreateTempSubdirectory("kiropool-saved-");

    public void Dispose() => _store.Delete(recursive: true);

    [Fact]
    public void A_stored_conversation_is_listed_taken_up_by_another_pool_and_deleted()
    {
        using SimulatedAgent agent = Agent();
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent; $null = Invoke-KiroPrompt 'remember the fish' -Session first; Stop-KiroPool").WithoutError();

        SavedSession saved = module.Run("$null = Start-KiroPool @Agent; Get-KiroSession -Saved").WithoutError().Value<SavedSession>();
        Assert.Equal(("remember the fish", agent.Folder), (saved.Title, saved.WorkingDirectory));

        module.Set("Id", saved.SessionId);
        PromptResult result = module.Run("$null = New-KiroSession again -Id $Id; Invoke-KiroPrompt history -Session again").WithoutError().Result;
        Assert.Equal(("1 earlier prompt:\nremember the fish", saved.SessionId), (result.Text, result.SessionId));

        module.Run("Remove-KiroSession again; Get-KiroSession -Saved | Remove-KiroSession -Saved").WithoutError();
        Assert.Empty(module.Run("Get-KiroSession -Saved").WithoutError().Output);
    }

    [Theory]
    [InlineData("Enter-KiroSession -Id $Id -PassThru")]
    [InlineData("Enter-KiroSession again -SessionId $Id -PassThru")]
    public void A_stored_conversation_goes_on_in_the_console(string enter)
    {
        using SimulatedAgent agent = Agent();
        var host = new ScriptedHost("history", "/exit");
        using var module = new ModuleRunspace(agent, host);
        PromptResult first = module.Run("$null = Start-KiroPool @Agent; Invoke-KiroPrompt 'remember the fish' -Session first; Stop-KiroPool").WithoutError().Result;

        PromptResult result = module.Set("Id", first.SessionId).Run($"$null = Start-KiroPool @Agent; {enter}").WithoutError().Result;

        Assert.Equal(("1 earlier prompt:\nremember the fish", first.SessionId), (result.Text, result.SessionId));
    }

    [Fact]
    public void WhatIf_deletes_nothing()
    {
        using SimulatedAgent agent = Agent();
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent; $null = Invoke-KiroPrompt one -Session first").WithoutError();

        module.Run("Remove-KiroSession -Saved -Id any -WhatIf").WithoutError();

        Assert.Equal(0, agent.Count("delete"));
    }

    [Fact]
    public void An_id_that_the_agent_does_not_know_is_an_error_and_leaves_no_session()
    {
        using SimulatedAgent agent = Agent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent; New-KiroSession again -Id sess_unknown");

        Assert.StartsWith("SessionLost", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(module.Run("Get-KiroSession").WithoutError().Output);
    }

    [Fact]
    public void An_agent_that_lists_none_is_not_supported_and_named()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent; Get-KiroSession -Saved");

        Assert.StartsWith("NotSupported", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("does not list its stored conversations", ran.Error.Exception.Message, StringComparison.Ordinal);
    }

    private SimulatedAgent Agent()
    {
        var agent = new SimulatedAgent(new { engine = "v3", sessionStore = _store.FullName });
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method", "cli" };
        return agent;
    }
}
