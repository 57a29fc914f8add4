namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>A model or an agent that the program does not know.</summary>
public sealed class UnknownNameTests
{
    [Theory]
    [InlineData(AgentProtocol.Acp, "gpt-9", null, FailureKind.ModelNotFound)]
    [InlineData(AgentProtocol.Chat, "gpt-9", null, FailureKind.ModelNotFound)]
    [InlineData(AgentProtocol.Acp, null, "nobody", FailureKind.AgentNotFound)]
    [InlineData(AgentProtocol.Chat, null, "nobody", FailureKind.AgentNotFound)]
    public async Task An_unknown_name_is_an_error(AgentProtocol protocol, string? model, string? agent, FailureKind kind)
    {
        await using var pool = new SimulatedPool(protocol: protocol, options: new() { MinSize = 0, MaxSize = 1 }, agent: agent, model: model);
        AgentException failure = await pool.FailAsync("hello");

        Assert.Equal((kind, model ?? agent), (failure.Kind, failure.Value));
        Assert.Equal(0, pool.Agent.Count("prompt"));
    }
}
