using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>Blocks of an answer that are not text, in the shapes of the protocol schema.</summary>
internal static class AnswerBlocks
{
    // A picture of one pixel.
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

    /// <summary>Sends one as a chunk of the answer.</summary>
    /// <param name="wire">Where to.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="word">image, audio, text or blob (a resource), link; anything else becomes a block of that type.</param>
    public static void Block(this FrameWriter wire, string sessionId, string word) =>
        wire.Update(sessionId, "agent_message_chunk", json =>
        {
            json.WriteStartObject("content"u8);
            json.WriteString("type"u8, word switch { "text" or "blob" => "resource", "link" => "resource_link", _ => word });
            Write(json, word);
            json.WriteEndObject();
        });

    private static void Write(Utf8JsonWriter json, string word)
    {
        switch (word)
        {
            case "image" or "audio":
                json.WriteString("mimeType"u8, word == "image" ? "image/png" : "audio/wav");
                json.WriteString("data"u8, Png);
                break;
            case "text" or "blob":
                json.WriteStartObject("resource"u8);
                json.WriteString("uri"u8, $"file:///tmp/../{word}.csv");
                json.WriteString("mimeType"u8, word == "text" ? "text/csv" : "application/octet-stream");
                json.WriteString(word, word == "text" ? "a,b\n1,2\n" : Png);
                json.WriteEndObject();
                break;
            case "link":
                json.WriteString("name"u8, "report.pdf"u8);
                json.WriteString("uri"u8, "https://example.org/report.pdf"u8);
                json.WriteString("mimeType"u8, "application/pdf"u8);
                json.WriteNumber("size"u8, 1234);
                break;
        }
    }
}
