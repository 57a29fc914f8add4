using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>A batch in a named session that is resumed in another process.</summary>
public sealed class ResumedConversationTests : IDisposable
{
    private readonly JournalBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_conversation_is_resumed_by_its_id_in_another_process()
    {
        using var agent = new SimulatedAgent(new { sessionStore = Path.Combine(_bench.Agent.Folder, "kept") });
        using (var first = new ModuleRunspace(agent))
        {
            first.Set("Journal", _bench.Journal).StartWarm(1);
            first.Run("'one', 'two' | Invoke-KiroPrompt -Session s -JournalPath $Journal").WithoutError();
            first.Run("Stop-KiroPool").WithoutError();
        }

        using var second = new ModuleRunspace(agent);
        second.Set("Journal", _bench.Journal).StartWarm(1);
        Ran ran = second.Run("'one', 'two', 'history' | Invoke-KiroPrompt -Session s -JournalPath $Journal -Resume").WithoutError();

        Assert.Equal("2 earlier prompts:\none\ntwo", ran.Results[^1].Text);
        Assert.True(ran.Results[^1].Resumed);
        Assert.Single(ran.Results.Select(result => result.SessionId).Distinct());
    }

    [Fact]
    public void Each_conversation_that_rows_name_is_resumed_by_its_id_in_another_process()
    {
        using var agent = new SimulatedAgent(new { sessionStore = Path.Combine(_bench.Agent.Folder, "kept") });
        const string batch = """
            'a;one', 'b;other', 'a;history', 'b;history' | ConvertFrom-Csv -Delimiter ';' -Header Session, Text | Select-Object -First $count |
                Invoke-KiroPrompt { $_.Text } -JournalPath $Journal -Resume -ThrottleLimit 1 -Ordered
            """;
        using (var first = new ModuleRunspace(agent))
        {
            first.Set("Journal", _bench.Journal).Set("count", 2).StartWarm(1);
            first.Run(batch).WithoutError();
            first.Run("Stop-KiroPool").WithoutError();
        }

        using var second = new ModuleRunspace(agent);
        second.Set("Journal", _bench.Journal).Set("count", 4).StartWarm(1);
        Ran ran = second.Run(batch).WithoutError();

        Assert.Equal(["1 earlier prompt:\none", "1 earlier prompt:\nother"], ran.Results.TakeLast(2).Select(result => result.Text.Replace("prompts:", "prompt:", StringComparison.Ordinal)));
        Assert.Equal([false, false, true, true], ran.Results.Select(result => result.Resumed));
        Assert.Equal(2, ran.Results.Select(result => result.SessionId).Distinct().Count());
    }

    [Fact]
    public void Finished_rows_need_no_conversation()
    {
        const string batch = "$rows | Invoke-KiroPrompt { $_.Text } -JournalPath $Journal -Resume -Ordered";
        const string rows = "$rows = 'a;one', 'a;two' | ConvertFrom-Csv -Delimiter ';' -Header Session, Text";
        using var agent = new SimulatedAgent(new { sessionStore = Path.Combine(_bench.Agent.Folder, "kept") });
        using (var first = new ModuleRunspace(agent))
        {
            first.Set("Journal", _bench.Journal).StartWarm(1);
            first.Run($"{rows}; $rows = $rows[0]; {batch}").WithoutError();
            first.Run("Stop-KiroPool").WithoutError();
        }

        using var second = new ModuleRunspace(agent);
        second.Set("Journal", _bench.Journal).StartWarm(1);
        Ran ran = second.Run($"$null = Invoke-KiroPrompt hi -Session a; {rows}; {batch}");

        Assert.Equal("one", ran.Result.Prompt);
        Assert.True(ran.Result.FromJournal);
        Assert.StartsWith("SessionLost,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Finished_prompts_of_a_named_session_need_no_conversation()
    {
        const string batch = "Invoke-KiroPrompt -Session s -JournalPath $Journal -Resume -Ordered";
        using var agent = new SimulatedAgent(new { sessionStore = Path.Combine(_bench.Agent.Folder, "kept") });
        using (var first = new ModuleRunspace(agent))
        {
            first.Set("Journal", _bench.Journal).StartWarm(1);
            first.Run($"'one', 'two' | {batch}").WithoutError();
            first.Run("Stop-KiroPool").WithoutError();
        }

        using var second = new ModuleRunspace(agent);
        second.Set("Journal", _bench.Journal).StartWarm(1);
        Ran done = second.Run($"$null = Invoke-KiroPrompt hi -Session s; 'one', 'two' | {batch}").WithoutError();
        Ran more = second.Run($"'one', 'two', 'three' | {batch}");

        Assert.Equal([("one", true), ("two", true)], done.Results.Select(result => (result.Prompt, result.FromJournal)));
        Assert.Equal(["one", "two"], more.Results.Select(result => result.Prompt));
        Assert.StartsWith("SessionLost,", more.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["one", "two", "hi"], agent.Prompts);
    }

    [Fact]
    public void A_conversation_that_cannot_be_resumed_is_lost_and_not_restarted()
    {
        using (var first = new SimulatedAgent())
        using (var module = new ModuleRunspace(first))
        {
            module.Set("Journal", _bench.Journal).StartWarm(1);
            module.Set("Elsewhere", _bench.Agent.Folder).Run("Start-KiroPool @Agent -WorkingDirectory $Elsewhere -Force; 'one' | Invoke-KiroPrompt -Session s -JournalPath $Journal").WithoutError();
        }

        // The simulator answers with silence to an id that it does not know, as kiro-cli does.
        _bench.Module.Run("Start-KiroPool @Agent -SessionTimeoutSec 3 -MaxSize 3 -Force").WithoutError();
        Ran ran = _bench.Module.Run("'one', 'two' | Invoke-KiroPrompt -Session s -JournalPath $Journal -Resume");

        Assert.True(ran.Result.FromJournal);
        Assert.StartsWith("SessionLost,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_bench.Agent.Prompts);

        Ran afresh = _bench.Module.Run("'one', 'two' | Invoke-KiroPrompt -Session s -JournalPath $Journal -Resume -AllowNewConversation").WithoutError();
        Assert.Equal([false, true], afresh.Results.OrderBy(result => result.Index).Select(result => result.StartedAfresh));
    }
}
