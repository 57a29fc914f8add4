using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>Callbacks are foreign code: their faults cost no prompt its answer, and they do not run in another caller's context.</summary>
public sealed class ForeignCodeTests
{
    private static readonly AsyncLocal<string?> Caller = new();

    public static TheoryData<AgentProtocol, string> Protocols => new()
    {
        { AgentProtocol.Acp, "v2" },
        { AgentProtocol.Acp, "v3" },
        { AgentProtocol.Chat, "v2" },
        { AgentProtocol.Chat, "v3" },
        { AgentProtocol.Delimited, "v2" },
    };

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_throwing_listener_costs_no_prompt_its_answer(AgentProtocol protocol, string engine)
    {
        await using var pool = new SimulatedPool(new { turnMs = 500, chunks = 5 }, protocol: protocol, engine: engine);
        int calls = 0;
        PromptResult result = (await pool.RunAsync(new PromptRequest
        {
            Prompt = "as it comes",
            OnUpdate = _ =>
            {
                calls++;
                throw new InvalidOperationException("the listener's own");
            },
        })).Result;

        Assert.Equal(("Completed", "You said: as it comes"), (result.Outcome, result.Text));
        Assert.True(calls >= 2, "It was called once.");
        Assert.Single(pool.Log, entry => entry.Text.Contains("the listener's own", StringComparison.Ordinal));
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_caller_whose_callback_throws_still_gets_its_answer(AgentProtocol protocol, string engine)
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine);
        PromptResult result = (await pool.RunAsync(new PromptRequest { Prompt = "hello", OnSending = (_, _) => throw new InvalidOperationException("the caller's own") })).Result;

        Assert.Equal(("Completed", "You said: hello"), (result.Outcome, result.Text));
        Assert.Single(pool.Log, entry => entry.Text.Contains("the caller's own", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_callback_does_not_run_in_the_context_of_the_caller_that_started_the_agent(AgentProtocol protocol, string engine)
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: new PoolOptions { MinSize = 0, MaxSize = 1 });
        await AskAsync("first");
        IReadOnlyList<string?> seen = await AskAsync("second");

        Assert.NotEmpty(seen);
        Assert.DoesNotContain("first", seen);

        async Task<IReadOnlyList<string?>> AskAsync(string name)
        {
            Caller.Value = name;
            var contexts = new List<string?>();
            await pool.RunAsync(new PromptRequest { Prompt = name, OnUpdate = _ => contexts.Add(Caller.Value) });
            return contexts;
        }
    }
}
