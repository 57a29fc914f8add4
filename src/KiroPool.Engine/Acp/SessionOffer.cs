using System.Text.Json;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>
/// The offer of an agent with its sessions. A process usually repeats it with every session, so an answer that differs
/// from the previous one only in the session id is not parsed again.
/// </summary>
internal sealed class SessionOffer
{
    private byte[] _beforeId = [];
    private byte[] _afterId = [];

    /// <summary>The last parsed answer.</summary>
    public SessionReply Latest { get; private set; } = new();

    /// <summary>Reads the answer to <c>session/new</c>.</summary>
    /// <exception cref="JsonException">The answer has another shape.</exception>
    public SessionReply Read(ReadOnlySpan<byte> result)
    {
        (int start, int length) = FindId(result);
        ReadOnlySpan<byte> before = result[..start], after = result[(start + length)..];
        if (length > 2 && before.SequenceEqual(_beforeId) && after.SequenceEqual(_afterId))
            return Latest = Latest with { SessionId = JsonSerializer.Deserialize(result.Slice(start, length), IncomingJson.Default.String) };

        Latest = PendingRequest<SessionReply>.Read(result, IncomingJson.Default.SessionReply);
        (_beforeId, _afterId) = (before.ToArray(), after.ToArray());
        return Latest;
    }

    /// <summary>The position of the id, including quotes; of length 0 if there is none.</summary>
    private static (int Start, int Length) FindId(ReadOnlySpan<byte> result)
    {
        var reader = new Utf8JsonReader(result);
        if (result.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isId = reader.ValueTextEquals("sessionId"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (isId && reader.TokenType == JsonTokenType.String)
                return (start, (int)reader.BytesConsumed - start);
            reader.Skip();
        }

        return default;
    }
}

/// <summary>An open <c>session/new</c>.</summary>
/// <param name="offer">Reads the answer.</param>
/// <param name="made">Receives the session id from the reader, before any later message is dispatched.</param>
internal sealed class PendingSession(SessionOffer offer, Action<string> made) : PendingRequest<SessionReply>(IncomingJson.Default.SessionReply)
{
    protected override SessionReply Read(ReadOnlySpan<byte> result)
    {
        SessionReply reply = offer.Read(result);
        if (reply.SessionId is { Length: > 0 } id)
            made(id);
        return reply;
    }
}

/// <summary>An open <c>session/load</c>.</summary>
/// <param name="id">The session's id.</param>
/// <param name="loaded">As with <see cref="PendingSession"/>.</param>
internal sealed class PendingLoad(string id, Action<string> loaded) : PendingRequest<SessionReply>(IncomingJson.Default.SessionReply)
{
    protected override SessionReply Read(ReadOnlySpan<byte> result)
    {
        loaded(id);
        return base.Read(result);
    }
}
