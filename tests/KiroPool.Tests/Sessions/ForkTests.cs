using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Sessions;

public sealed class ForkTests
{
    [Fact]
    public void Prompts_run_in_forks_of_a_session_and_the_session_stays_as_it_was()
    {
        using var agent = new SimulatedAgent(new { engine = "v3" });
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method", "cli" };
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent -MaxSize 3; $null = Invoke-KiroPrompt 'read the repository' -Session review").WithoutError();

        Ran forks = module.Run("1..5 | ForEach-Object { 'history' } | Invoke-KiroPrompt -Session review -Fork").WithoutError();

        Assert.All(forks.Output, one => Assert.Equal("1 earlier prompt:\nread the repository", ((PromptResult)one!.BaseObject).Text));
        Assert.Equal((5, 5, 1), (forks.Output.Count, agent.Count("fork"), agent.Count("start")));
        Session session = module.Run("Get-KiroSession review").WithoutError().Value<Session>();
        Assert.Equal(1, session.Turns);
    }

    [Fact]
    public void Forks_with_a_journal_are_resumed_and_other_options_do_not_fit()
    {
        using var agent = new SimulatedAgent(new { engine = "v3" });
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method", "cli" };
        using var module = new ModuleRunspace(agent);
        module.Set("Journal", Path.Combine(agent.Folder, "journal.jsonl"));
        module.Run("$null = Start-KiroPool @Agent -MaxSize 3; $null = Invoke-KiroPrompt 'read the repository' -Session review").WithoutError();
        module.Run("'one', 'fails [[error no]]', 'history' | Invoke-KiroPrompt -Session review -Fork -PromptMeta @{ a = 1 } -JournalPath $Journal -ThrottleLimit 1");
        int before = agent.Prompts.Count;

        Ran again = module.Run("'one', 'fails [[error no]]', 'history' | Invoke-KiroPrompt -Session review -Fork -PromptMeta @{ a = 1 } -JournalPath $Journal -Resume");

        Assert.Equal([("history", true), ("one", true)], again.Results.Select(result => (result.Prompt, result.FromJournal)).Order());
        Assert.Equal("1 earlier prompt:\nread the repository", again.Results.Single(result => result.Prompt == "history").Text);
        Assert.Equal(["fails [[error no]]"], agent.Prompts.Skip(before));
        foreach (string other in new[] { "-PromptMeta @{ a = 1 }", "-Fork", "-Fork -PromptMeta @{ a = 2 }" })
            Assert.StartsWith("JournalMismatch", module.Run($"'one' | Invoke-KiroPrompt -Session review {other} -JournalPath $Journal -Resume").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(before + 1, agent.Prompts.Count);
    }

    [Fact]
    public void An_agent_without_forks_is_not_supported()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent; Invoke-KiroPrompt one -Session s -Fork");

        Assert.StartsWith("NotSupported", Assert.Single(ran.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fork_without_a_session_is_an_error()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent; Invoke-KiroPrompt one -Fork");

        Assert.StartsWith("NotSupported", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Session", ran.Error.Exception.Message, StringComparison.Ordinal);
    }
}
