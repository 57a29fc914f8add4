using System.Text;

namespace KiroPool.Simulator;

/// <summary>Lines no client may stumble over, each of a kind that real agents were seen to write.</summary>
internal static class Junk
{
    private static readonly string[] Lines =
    [
        "Checking for updates...",
        "{\"jsonrpc\":\"2.0\",\"id\":",
        "\r",
        "",
        "[]",
        "42",
        "null",
        "\"a string\"",
        "{}",
        "{\"jsonrpc\":\"2.0\",\"id\":987654321,\"result\":{\"stopReason\":\"end_turn\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"nobody-asked\",\"result\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32603,\"message\":\"Internal error\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":{\"a\":1},\"result\":[]}",
        "{\"jsonrpc\":\"2.0\",\"method\":7,\"params\":\"text\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"session/update\",\"params\":{\"sessionId\":\"no-such-session\",\"update\":{\"sessionUpdate\":\"agent_message_chunk\",\"content\":{\"type\":\"text\",\"text\":\"junk\"}}}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"session/update\",\"params\":[1,2]}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"session/update\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"_kiro.dev/unheard_of\",\"params\":{\"a\":[1,{}]}}\r",
        "\u001b[32mready\u001b[0m",
    ];

    // Bytes that are no UTF-8 at all: a stray continuation, an overlong start, a cut-off sequence.
    private static ReadOnlySpan<byte> BrokenUtf8 => [0x80, 0xC0, 0xAF, 0xE2, 0x82, (byte)'\n'];

    public static void Write(FrameWriter wire)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', Lines) + "\n");
        wire.Raw([.. text, .. BrokenUtf8]);
    }

    public static void WriteBatches(FrameWriter wire, string? requestId)
    {
        // A client that unpacks the array takes the running request for answered.
        string id = requestId ?? "1";
        wire.Raw(Encoding.UTF8.GetBytes(
            "[]\n" +
            $"[{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"stopReason\":\"end_turn\"}}}}]\n" +
            $"[{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":-32603,\"message\":\"Internal error\"}}}},[],1,null]\n"));
    }
}
