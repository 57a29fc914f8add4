using System.Text.Json;

namespace KiroPool.Engine.Acp;

/// <summary>What a <c>session/update</c> was about whose line was too long to keep, from its beginning and its end.</summary>
internal static class LostUpdate
{
    /// <summary>Whether it held a part of an answer, as far as can be told: only another kind of update is known not to.</summary>
    /// <param name="head">The beginning of the line.</param>
    /// <param name="tail">The end of the line.</param>
    /// <param name="sessionId">The session it was for; null when that is lost too.</param>
    public static bool Read(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, out string? sessionId)
    {
        string? kind = null;
        sessionId = null;
        try
        {
            var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
            while (reader.Read() && (kind is null || sessionId is null))
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                bool isSession = reader.CurrentDepth == 2 && reader.ValueTextEquals("sessionId"u8);
                bool isKind = reader.CurrentDepth == 3 && reader.ValueTextEquals("sessionUpdate"u8);
                if ((isSession || isKind) && reader.Read() && reader.TokenType == JsonTokenType.String)
                    (sessionId, kind) = isSession ? (reader.GetString(), kind) : (sessionId, reader.GetString());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What was read so far.
        }

        return kind is "agent_message_chunk" or null && (kind is not null || tail.IndexOf("\"sessionUpdate\""u8) < 0 || tail.IndexOf("\"agent_message_chunk\""u8) >= 0);
    }
}
