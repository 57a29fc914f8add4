using System.Text.Json;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Tests.JsonRpc;

public sealed class JsonRpcWriterTests
{
    [Fact]
    public async Task The_buffer_of_a_huge_message_is_not_kept()
    {
        using var output = new MemoryStream();
        var writer = new JsonRpcWriter(output);
        string huge = new('x', 5_000_000);

        await WriteAsync("small");
        int usual = writer.KeptBytes;
        await WriteAsync(huge);
        await WriteAsync("small again");

        Assert.Equal(usual, writer.KeptBytes);
        string[] lines = System.Text.Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(["small", huge, "small again"], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("method").GetString()));

        Task WriteAsync(string method) => writer.WriteNotificationAsync(method, "n", 1);
    }
}
