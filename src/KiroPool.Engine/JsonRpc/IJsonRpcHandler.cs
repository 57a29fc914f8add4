namespace KiroPool.Engine.JsonRpc;

/// <summary>Receives the messages of a connection. Its one reader makes all calls, in wire order. Spans are valid during the call only.</summary>
internal interface IJsonRpcHandler
{
    void OnNotification(string method, ReadOnlySpan<byte> parameters);

    /// <summary>
    /// Handles a request of the other side. <see cref="JsonRpcConnection.ReplyAsync"/> needs its <paramref name="id"/>.
    /// Returns false for an unknown method.
    /// </summary>
    bool OnRequest(string method, byte[] id, ReadOnlySpan<byte> parameters);

    /// <summary>Reports input that is not a message. It was skipped.</summary>
    void OnNoise(string description);

    /// <summary>Reports a notification over the limit. Only its beginning and its end were kept.</summary>
    void OnLost(string method, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, string description);
}
