using System.Text.Json;
using KiroPool.Engine.Acp;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.JsonRpc;

/// <summary>Sending messages, and their fate when the connection ends.</summary>
public sealed class JsonRpcSendingTests
{
    [Fact]
    public async Task A_request_is_one_line_with_its_own_id()
    {
        await using var agent = new PipeAgent();
        _ = agent.Request("session/new", "line one\nline two");
        _ = agent.Request();

        JsonElement first = await agent.HearAsync(), second = await agent.HearAsync();

        Assert.Equal(("2.0", "session/new"), (first.GetProperty("jsonrpc").GetString(), first.GetProperty("method").GetString()));
        Assert.Equal("line one\nline two", first.GetProperty("params").GetProperty("sessionId").GetString());
        Assert.NotEqual(first.GetProperty("id").GetInt64(), second.GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_notification_has_no_id()
    {
        await using var agent = new PipeAgent();

        await agent.Connection.NotifyAsync("session/cancel", new SessionParams("s"), OutgoingJson.Default.SessionParams);

        Assert.False((await agent.HearAsync()).TryGetProperty("id", out _));
    }

    [Fact]
    public async Task Frames_of_many_writers_do_not_mix()
    {
        await using var agent = new PipeAgent();
        string big = new('x', 20_000);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => agent.Connection.NotifyAsync("n", new SessionParams($"{i} {big}"), OutgoingJson.Default.SessionParams)))).InTime();

        var heard = new HashSet<string>();
        for (int i = 0; i < 200; i++)
            heard.Add((await agent.HearAsync()).GetProperty("params").GetProperty("sessionId").GetString()!);
        Assert.Equal(200, heard.Count);
    }

    [Fact]
    public async Task Text_with_half_a_surrogate_pair_is_sent()
    {
        await using var agent = new PipeAgent();

        await agent.Connection.NotifyAsync("n", new SessionParams("half \ud83d"), OutgoingJson.Default.SessionParams).InTime();
        await agent.Connection.NotifyAsync("n", new SessionParams("whole"), OutgoingJson.Default.SessionParams).InTime();

        Assert.Equal("half \ufffd", (await agent.HearAsync()).GetProperty("params").GetProperty("sessionId").GetString());
        Assert.Equal("whole", (await agent.HearAsync()).GetProperty("params").GetProperty("sessionId").GetString());
    }

    [Fact]
    public async Task The_end_of_the_agents_output_fails_all_open_requests()
    {
        await using var agent = new PipeAgent();
        Task<SessionReply>[] open = [agent.Request().Response, agent.Request().Response];

        agent.ToClient.CloseWriter();

        foreach (Task<SessionReply> request in open)
            await Assert.ThrowsAsync<IOException>(() => request.InTime());
        await agent.Running.InTime();
    }

    [Fact]
    public async Task A_broken_pipe_fails_all_open_requests()
    {
        await using var agent = new PipeAgent();
        Task<SessionReply> open = agent.Request().Response;

        agent.ToClient.BreakForReader();

        await Assert.ThrowsAsync<IOException>(() => open.InTime());
        await agent.Running.InTime();
    }

    [Fact]
    public async Task Messages_before_the_end_still_count()
    {
        await using var agent = new PipeAgent();
        (Task<SessionReply> ours, long id) = await agent.RequestAsync();

        agent.Say(System.Text.Encoding.UTF8.GetBytes($$$"""{"id":{{{id}}},"result":{"sessionId":"last words"}}"""));
        agent.ToClient.CloseWriter();

        Assert.Equal("last words", (await ours.InTime()).SessionId);
    }

    [Fact]
    public async Task A_request_after_the_end_fails_at_once_and_is_not_written()
    {
        await using var agent = new PipeAgent();
        agent.ToClient.CloseWriter();
        await agent.Running.InTime();

        (Task Written, Task<SessionReply> Response) call = agent.Request();

        Assert.True(call.Written.IsFaulted && call.Response.IsFaulted);
        await Assert.ThrowsAsync<IOException>(() => call.Response);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_cannot_be_written_fails_as_unseen(bool isClosed)
    {
        await using var agent = new PipeAgent();
        agent.ToAgent.BreakForWriter(isClosed ? new ObjectDisposedException("pipe") : new IOException("Broken pipe"));

        (Task Written, Task<SessionReply> Response) call = agent.Request();

        await Assert.ThrowsAsync<IOException>(() => call.Response.InTime());
        Assert.True(call.Written.IsFaulted);
        Assert.False(agent.Running.IsCompleted, "its remaining output must be read");
    }

    [Fact]
    public async Task A_request_whose_pipe_closes_after_the_write_may_have_been_seen()
    {
        await using var agent = new PipeAgent();
        agent.ToAgent.BreakForFlush(new ObjectDisposedException("pipe"));

        (Task Written, Task<SessionReply> Response) call = agent.Request();
        Assert.Equal("ask", (await agent.HearAsync()).GetProperty("method").GetString());
        agent.ToClient.CloseWriter();

        await Assert.ThrowsAsync<IOException>(() => call.Response.InTime());
        Assert.True(call.Written.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_refusal_that_cannot_be_written_does_not_end_the_reader()
    {
        await using var agent = new PipeAgent();
        agent.ToAgent.BreakForWriter(new IOException("Broken pipe"));

        agent.Say("""{"id":1,"method":"unknown"}""");
        agent.Say("""{"method":"next"}""");
        await agent.SeenAsync(2);

        Assert.Equal("next ", agent.Handler.Messages.Last());
    }

    [Fact]
    public async Task A_cancelled_wait_cancels_the_request_and_a_late_answer_completes_none()
    {
        await using var agent = new PipeAgent();
        using var cancel = new CancellationTokenSource();
        Task<SessionReply> ours = agent.Connection.RequestAsync("ask", new SessionParams("s"), OutgoingJson.Default.SessionParams, IncomingJson.Default.SessionReply, cancel.Token);
        long id = (await agent.HearAsync()).GetProperty("id").GetInt64();

        await cancel.CancelAsync();
        RequestWithdrawnException withdrawn = await Assert.ThrowsAsync<RequestWithdrawnException>(() => ours.InTime());
        JsonElement notice = await agent.HearAsync();
        Assert.Equal(("$/cancel_request", id), (notice.GetProperty("method").GetString(), notice.GetProperty("params").GetProperty("requestId").GetInt64()));
        Assert.False(notice.TryGetProperty("id", out _));

        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":"too late"}}""");
        Assert.False(await withdrawn.Settled.InTime());
        agent.Say($$$"""{"id":{{{id}}},"result":{"sessionId":"again"}}""");
        await agent.SeenAsync(1);
        Assert.Contains("not open", Assert.Single(agent.Handler.Noise), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"code":-32800,"message":"Request cancelled"}""")]
    [InlineData("""{"code":-32603,"message":"Internal error"}""")]
    public async Task An_error_settles_a_cancelled_request(string error)
    {
        await using var agent = new PipeAgent();
        using var cancel = new CancellationTokenSource();
        Task<SessionReply> ours = agent.Connection.RequestAsync("ask", new SessionParams("s"), OutgoingJson.Default.SessionParams, IncomingJson.Default.SessionReply, cancel.Token);
        long id = (await agent.HearAsync()).GetProperty("id").GetInt64();
        await cancel.CancelAsync();
        RequestWithdrawnException withdrawn = await Assert.ThrowsAsync<RequestWithdrawnException>(() => ours.InTime());

        agent.Say($$$"""{"id":{{{id}}},"error":{{{error}}}}""");

        Assert.True(await withdrawn.Settled.InTime());
    }

    [Fact]
    public async Task Cancelled_requests_that_are_never_answered_do_not_accumulate()
    {
        await using var agent = new PipeAgent();
        var withdrawn = new List<RequestWithdrawnException>();
        for (int i = 0; i < 17; i++)
        {
            using var cancel = new CancellationTokenSource();
            Task<SessionReply> ours = agent.Connection.RequestAsync("ask", new SessionParams("s"), OutgoingJson.Default.SessionParams, IncomingJson.Default.SessionReply, cancel.Token);
            await cancel.CancelAsync();
            withdrawn.Add(await Assert.ThrowsAsync<RequestWithdrawnException>(() => ours.InTime()));
        }

        Assert.False(await withdrawn[0].Settled.InTime());
        Assert.False(withdrawn[1].Settled.IsCompleted);
    }

    [Fact]
    public async Task Cancelling_the_reader_ends_it_and_fails_open_requests()
    {
        var agent = new PipeAgent();
        Task<SessionReply> open = agent.Request().Response;

        await agent.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(() => open.InTime());
    }
}
