using System.Text.Json;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>
/// What an agent offers with its sessions. A process offers the same with every session it makes, so an answer that
/// differs from the one before in nothing but the session's id is not taken apart again.
/// </summary>
internal sealed class SessionOffer
{
    private byte[] _beforeId = [];
    private byte[] _afterId = [];

    /// <summary>The answer read last.</summary>
    public SessionReply Latest { get; private set; } = new();

    /// <summary>Reads the answer to <c>session/new</c>.</summary>
    /// <exception cref="JsonException">It is of another shape.</exception>
    public SessionReply Read(ReadOnlySpan<byte> result)
    {
        (int start, int length) = FindId(result);
        ReadOnlySpan<byte> before = result[..start], after = result[(start + length)..];
        if (length > 2 && before.SequenceEqual(_beforeId) && after.SequenceEqual(_afterId))
            return Latest = Latest with { SessionId = JsonSerializer.Deserialize(result.Slice(start, length), AcpJson.Default.String) };

        Latest = PendingRequest<SessionReply>.Read(result, AcpJson.Default.SessionReply);
        (_beforeId, _afterId) = (before.ToArray(), after.ToArray());
        return Latest;
    }

    /// <summary>Where the id stands, quotes included; of length 0 when there is none.</summary>
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

/// <summary>A <c>session/new</c> under way.</summary>
/// <param name="offer">Reads the answer.</param>
/// <param name="made">Told of the session's id by the reader, before anything behind the answer is dispatched.</param>
internal sealed class PendingSession(SessionOffer offer, Action<string> made) : PendingRequest<SessionReply>(AcpJson.Default.SessionReply)
{
    protected override SessionReply Read(ReadOnlySpan<byte> result)
    {
        SessionReply reply = offer.Read(result);
        if (reply.SessionId is { Length: > 0 } id)
            made(id);
        return reply;
    }
}

/// <summary>A <c>session/load</c> under way.</summary>
/// <param name="id">The session's id.</param>
/// <param name="loaded">As with <see cref="PendingSession"/>.</param>
internal sealed class PendingLoad(string id, Action<string> loaded) : PendingRequest<SessionReply>(AcpJson.Default.SessionReply)
{
    protected override SessionReply Read(ReadOnlySpan<byte> result)
    {
        loaded(id);
        return base.Read(result);
    }
}
