using System.Text.Json;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.JsonRpc;

/// <summary>A line that is too long to keep is not just noise: what waited for it is told.</summary>
public sealed class LostFrameTests
{
    private static readonly string Huge = new('x', 20_000);

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":ID,"result":{"sessionId":"TEXT"}}""")]
    [InlineData("""{"jsonrpc":"2.0","result":{"sessionId":"TEXT"},"id":ID}""")]
    [InlineData("""{ "result" : {"sessionId":"TEXT","id":"no"} , "id" : ID }""")]
    public async Task An_answer_that_is_too_long_is_a_failure_of_its_request(string frame)
    {
        await using var agent = new PipeAgent(maxLineBytes: 10_000);
        (Task<SessionReply> response, long id) = await agent.RequestAsync();

        agent.Say(Fill(frame, id));

        JsonException failure = await Assert.ThrowsAsync<JsonException>(() => response.InTime());
        Assert.Contains("over the limit of 10,000", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":ID,"method":"known/request","params":{"rawInput":"TEXT"}}""")]
    [InlineData("""{"method":"known/request","params":{"rawInput":"TEXT"},"id":ID}""")]
    public async Task A_request_of_the_agent_that_is_too_long_is_refused_so_that_its_turn_does_not_hang(string frame)
    {
        await using var agent = new PipeAgent(maxLineBytes: 10_000);

        agent.Say(Fill(frame, 7));

        JsonElement refusal = await agent.HearAsync();
        Assert.Equal((7, -32600), (refusal.GetProperty("id").GetInt32(), refusal.GetProperty("error").GetProperty("code").GetInt32()));
        Assert.Empty(agent.Handler.Messages);
    }

    [Fact]
    public async Task A_notification_that_is_too_long_is_told_with_its_beginning_and_end()
    {
        await using var agent = new PipeAgent(maxLineBytes: 10_000);

        agent.Say(Fill("""{"method":"session/update","params":{"update":"TEXT","sessionId":"the-session"}}""", 0));
        await agent.SeenAsync(2);

        string message = Assert.Single(agent.Handler.Messages);
        Assert.StartsWith("lost session/update: {\"method\":", message, StringComparison.Ordinal);
        Assert.EndsWith("\"the-session\"}}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TEXT")]
    [InlineData("[\"TEXT\"]")]
    [InlineData("{\"TEXT\":1}")]
    [InlineData("{\"TEXT")]
    public async Task A_long_line_that_is_no_message_stays_noise_and_the_next_message_comes_through(string line)
    {
        await using var agent = new PipeAgent(maxLineBytes: 10_000);
        (Task<SessionReply> response, long id) = await agent.RequestAsync();

        agent.Say(Fill(line, 0));
        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":"s"}}""");

        Assert.Equal("s", (await response.InTime()).SessionId);
        Assert.Single(agent.Handler.Noise);
    }

    private static string Fill(string frame, long id) => frame.Replace("TEXT", Huge, StringComparison.Ordinal).Replace("ID", $"{id}", StringComparison.Ordinal);
}
