using System.Text;
using System.Text.Json;
using KiroPool.Engine.Acp;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.JsonRpc;

/// <summary>Receiving messages.</summary>
public sealed class JsonRpcConnectionTests
{
    [Fact]
    public async Task Messages_are_dispatched_in_wire_order()
    {
        await using var agent = new PipeAgent();

        agent.Say(string.Concat(Enumerable.Range(0, 500).Select(i => $$"""{"method":"n","params":{{i}}}{{"\n"}}""")));
        await agent.SeenAsync(500);

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"n {i}"), agent.Handler.Messages);
    }

    [Fact]
    public async Task A_leading_byte_order_mark_is_ignored()
    {
        await using var agent = new PipeAgent();

        agent.Say("\uFEFF{\"method\":\"n\",\"params\":1}\n");
        await agent.SeenAsync(1);

        Assert.Equal(["n 1"], agent.Handler.Messages);
    }

    [Fact]
    public async Task Responses_in_any_order_go_to_the_request_with_their_id()
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> first, long firstId) = await agent.RequestAsync();
        (Task<SessionReply> second, long secondId) = await agent.RequestAsync();

        agent.Say($$$"""{"id":{{{secondId}}},"result":{"sessionId":"two"}}""");
        agent.Say($$$"""{"id":{{{firstId}}},"result":{"sessionId":"one"}}""");

        Assert.Equal(("one", "two"), ((await first.InTime()).SessionId, (await second.InTime()).SessionId));
    }

    [Fact]
    public async Task An_agents_request_with_the_id_of_an_open_request_is_not_its_answer()
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> ours, long id) = await agent.RequestAsync();

        agent.Say($$"""{"id":{{id}},"params":{},"method":"{{RecordingHandler.KnownRequest}}"}""");
        await agent.SeenAsync(1);
        Assert.False(ours.IsCompleted);
        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":"s"}}""");

        Assert.Equal("s", (await ours.InTime()).SessionId);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"seven\"")]
    [InlineData("\"a\\u00fc \\\"b\\\"\"")]
    [InlineData("-1")]
    [InlineData("1.5e3")]
    [InlineData("12345678901234567890")]
    public async Task The_id_of_an_agents_request_is_returned_unchanged(string id)
    {
        await using var agent = new PipeAgent();
        agent.Say($$"""{"id":{{id}},"method":"{{RecordingHandler.KnownRequest}}"}""");
        await agent.SeenAsync(1);

        await agent.Connection.ReplyAsync(agent.Handler.LastRequestId!, new SessionParams("s"), OutgoingJson.Default.SessionParams);

        Assert.Equal(id, (await agent.HearAsync()).GetProperty("id").GetRawText());
    }

    [Fact]
    public async Task An_unknown_request_is_refused()
    {
        await using var agent = new PipeAgent();

        agent.Say("""{"id":"x","method":"fs/read_text_file","params":{}}""");
        var reply = await agent.HearAsync();

        Assert.Equal("x", reply.GetProperty("id").GetString());
        Assert.Equal(-32601, reply.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task An_unreadable_request_is_refused()
    {
        await using var agent = new PipeAgent();

        agent.Say($$"""{"id":3,"method":"{{RecordingHandler.Poison}}"}""");

        Assert.Equal(3, (await agent.HearAsync()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task An_answer_with_invalid_content_fails_its_request()
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> ours, long id) = await agent.RequestAsync();

        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":}}""");

        Assert.Contains("could not be parsed", (await Assert.ThrowsAsync<JsonException>(() => ours.InTime())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_the_handler_does_not_end_the_reader()
    {
        await using var agent = new PipeAgent();

        agent.Say($$"""{"method":"{{RecordingHandler.Poison}}"}""");
        agent.Say("""{"method":"next"}""");
        await agent.SeenAsync(2);

        Assert.Equal(["next "], agent.Handler.Messages);
        Assert.Contains("could not be parsed", Assert.Single(agent.Handler.Noise), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Junk_is_skipped()
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> ours, long id) = await agent.RequestAsync();
        string[] junk = ["Welcome!", "[1]", "null", "{}", "{\"id\":1", "\u001b[0m", "{\"id\":999,\"result\":{}}", $"{{\"id\":\"{id}\",\"result\":{{}}}}", $"{{\"id\":{id},\"method\":5}}"];

        foreach (string line in junk)
            agent.Say(line);
        agent.Say(new byte[] { 0xFF, 0xFE, 0x00, (byte)'\n' });
        agent.Say("\n\r\n");
        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":"s"}}""");

        Assert.Equal("s", (await ours.InTime()).SessionId);
        Assert.Equal(junk.Length + 1, agent.Handler.Noise.Count);
    }

    [Fact]
    public async Task A_line_over_the_limit_is_skipped_and_reported()
    {
        await using var agent = new PipeAgent(maxLineBytes: 1000);

        agent.Say($$"""{"method":"long","params":"{{new string('x', 5000)}}"}""");
        agent.Say("""{"method":"next"}""");
        await agent.SeenAsync(3);

        Assert.Equal("next ", agent.Handler.Messages.Last());
        Assert.Contains("over the limit", Assert.Single(agent.Handler.Noise), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"code":-32603,"message":"Internal error","data":"Too many requests"}""", -32603, "Too many requests")]
    [InlineData("""{"code":-32000,"message":"Authentication required"}""", -32000, "Authentication required")]
    [InlineData("""{"code":1,"message":"m","data":{"message":"inner"}}""", 1, "inner")]
    [InlineData("""{"code":1,"message":"m","data":{"details":"inner"}}""", 1, "inner")]
    [InlineData("""{"code":1,"message":"m","data":{"other":1}}""", 1, "m ({\"other\":1})")]
    [InlineData("""{"code":1,"message":"m","data":null}""", 1, "m")]
    [InlineData("""{"code":1,"message":"m","data":"  "}""", 1, "m")]
    [InlineData("""{"code":"odd","message":5}""", -32603, "The agent reported an error without a message.")]
    [InlineData("\"just text\"", -32603, "just text")]
    public async Task The_data_of_an_error_is_its_message(string error, int code, string message)
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> ours, long id) = await agent.RequestAsync();

        agent.Say($$"""{"id":{{id}},"error":{{error}}}""");

        var failure = await Assert.ThrowsAsync<JsonRpcException>(() => ours.InTime());
        Assert.Equal((code, message), (failure.Code, failure.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"result\":null")]
    [InlineData(",\"result\":5")]
    [InlineData(",\"result\":{\"sessionId\":{}}")]
    [InlineData(",\"error\":null")]
    public async Task An_answer_of_another_shape_fails_only_its_request(string members)
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> ours, long id) = await agent.RequestAsync();

        agent.Say($$"""{"id":{{id}}{{members}}}""");

        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => ours.InTime());
        Assert.False(agent.Running.IsCompleted);
    }

    [Fact]
    public async Task A_second_answer_to_the_same_request_is_noise()
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> ours, long id) = await agent.RequestAsync();

        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":"one"}}""");
        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":"two"}}""");
        await agent.SeenAsync(1);

        Assert.Equal("one", (await ours.InTime()).SessionId);
    }

    [Fact]
    public async Task A_message_may_come_in_any_number_of_pieces()
    {
        await using var agent = new PipeAgent();

        foreach (byte part in Encoding.UTF8.GetBytes("{\"method\":\"n\",\"params\":\"gr\u00fc\u00dfe \U0001F600\"}\r\n"))
            agent.Say(new[] { part });
        await agent.SeenAsync(1);

        Assert.Equal(["n \"grüße \U0001F600\""], agent.Handler.Messages);
    }

    [Fact]
    public async Task Only_messages_count_as_activity()
    {
        await using var agent = new PipeAgent();
        long start = agent.Connection.LastFrameAt;
        agent.Clock.Advance(TimeSpan.FromSeconds(1));
        agent.Say("noise");
        await agent.SeenAsync(1);
        Assert.Equal(start, agent.Connection.LastFrameAt);

        agent.Say("""{"method":"n"}""");
        await agent.SeenAsync(2);

        Assert.Equal(agent.Clock.GetTimestamp(), agent.Connection.LastFrameAt);
    }
}
