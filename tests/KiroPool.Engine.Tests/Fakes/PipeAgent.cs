using System.Text;
using System.Text.Json;
using KiroPool.Engine.Acp;
using KiroPool.Engine.JsonRpc;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>The agent's side of a JSON-RPC connection, without a process: writes the lines of the test and reads the answers.</summary>
internal sealed class PipeAgent : IAsyncDisposable
{
    private readonly LineReader _received;
    private readonly CancellationTokenSource _stop = new();

    public PipeAgent(int maxLineBytes = LineReader.DefaultMaxLineBytes)
    {
        _received = new LineReader(ToAgent);
        Connection = new JsonRpcConnection(ToClient, ToAgent, Handler, Clock, maxLineBytes);
        Running = Connection.RunAsync(_stop.Token);
    }

    public BytePipe ToClient { get; } = new();

    public BytePipe ToAgent { get; } = new();

    public FakeTimeProvider Clock { get; } = new();

    public RecordingHandler Handler { get; } = new();

    /// <summary>The side under test.</summary>
    public JsonRpcConnection Connection { get; }

    /// <summary>Its reader.</summary>
    public Task Running { get; }

    /// <summary>Writes bytes in one piece.</summary>
    public void Say(ReadOnlyMemory<byte> bytes) => ToClient.WriteNow(bytes);

    /// <summary>Writes a line.</summary>
    public void Say(string line) => Say(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Waits until a number of messages and pieces of noise have arrived.</summary>
    public Task SeenAsync(int count) => Eventually.HoldsAsync(() => Handler.Seen >= count);

    /// <summary>Reads the next line the other side has written.</summary>
    public async Task<JsonElement> HearAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        LineReader.Line line = await _received.ReadAsync(limit.Token);
        Assert.False(line.IsEnd, "the other side closed its output");
        using var document = JsonDocument.Parse(line.Bytes);
        return document.RootElement.Clone();
    }

    /// <summary>Has the other side send a request with an answer of the type of a session's.</summary>
    public (Task Written, Task<SessionReply> Response) Request(string method = "ask", string session = "s")
    {
        var pending = new PendingRequest<SessionReply>(IncomingJson.Default.SessionReply);
        SentRequest sent = Connection.Send(method, new SessionParams(session), OutgoingJson.Default.SessionParams, pending);
        return (sent.Written, pending.Task);
    }

    /// <summary>As <see cref="Request"/>, but waits until the request has arrived, and returns its id.</summary>
    public async Task<(Task<SessionReply> Response, long Id)> RequestAsync()
    {
        Task<SessionReply> response = Request().Response;
        return (response, (await HearAsync()).GetProperty("id").GetInt64());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running.InTime();
        _stop.Dispose();
        await ToClient.DisposeAsync();
        await ToAgent.DisposeAsync();
    }
}
