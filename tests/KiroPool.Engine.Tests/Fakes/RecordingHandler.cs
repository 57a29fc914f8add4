using System.Collections.Concurrent;
using System.Text;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>Records the messages of a connection in order: "method parameters", with the id before requests.</summary>
internal sealed class RecordingHandler : IJsonRpcHandler
{
    /// <summary>The method of known requests. Others are unknown.</summary>
    public const string KnownRequest = "known/request";

    /// <summary>Messages of this method make the handler throw.</summary>
    public const string Poison = "poison";

    private int _seen;

    public ConcurrentQueue<string> Messages { get; } = new();

    public ConcurrentQueue<string> Noise { get; } = new();

    /// <summary>The number of messages and pieces of noise.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>The id of the last known request.</summary>
    public byte[]? LastRequestId { get; private set; }

    public void OnNotification(string method, ReadOnlySpan<byte> parameters) => Record(method, $"{method} {Encoding.UTF8.GetString(parameters)}");

    public bool OnRequest(string method, byte[] id, ReadOnlySpan<byte> parameters)
    {
        LastRequestId = id;
        Record(method, $"{Encoding.UTF8.GetString(id)} {method} {Encoding.UTF8.GetString(parameters)}");
        return method == KnownRequest;
    }

    public void OnNoise(string description)
    {
        Noise.Enqueue(description);
        Interlocked.Increment(ref _seen);
    }

    public void OnLost(string method, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, string description) =>
        Record(method, $"lost {method}: {Encoding.UTF8.GetString(head)[..20]}…{Encoding.UTF8.GetString(tail)[^20..]}");

    private void Record(string method, string message)
    {
        if (method == Poison)
            throw new InvalidOperationException("This message is too much.");
        Messages.Enqueue(message);
        Interlocked.Increment(ref _seen);
    }
}
