using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>Conversations of several turns, for every protocol that has them.</summary>
public sealed class ConversationContractTests
{
    private static readonly PoolOptions Quick = new() { MinSize = 0, MaxSize = 3, StopGrace = TimeSpan.FromSeconds(1) };

    [Theory]
    [InlineData(AgentProtocol.Acp, "v2")]
    [InlineData(AgentProtocol.Acp, "v3")]
    [InlineData(AgentProtocol.Delimited, "v2")]
    public async Task A_conversation_remembers_its_turns(AgentProtocol protocol, string engine)
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        using (Session talk = pool.Pool.Sessions.CreateTemporary())
        {
            await talk.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();
            Assert.Equal("1 earlier prompt:\none", (await talk.PromptAsync(new PromptRequest { Prompt = "history" }).InTime()).Text);
        }

        Assert.Equal("No earlier prompts.", (await pool.AskAsync("history")).Text);
    }

    [Fact]
    public async Task A_refused_conversation_in_Chat_names_the_protocols_that_have_one()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick);
        AgentException failure = Assert.Throws<AgentException>(() => pool.Pool.Sessions.CreateTemporary());

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Contains("Acp", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Delimited", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.Agent.Count("start"));
    }
}
