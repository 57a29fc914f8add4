using System.Diagnostics;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>An agent calls the tools of MCP servers that came with its session. The servers are on the official C# SDK.</summary>
public sealed class McpServerTests
{
    [Fact]
    public async Task A_tool_of_a_process_gets_the_secret_variable()
    {
        McpServer server = McpServer.ForCommand("local", Repository.McpServer, environment: [KeyValuePair.Create("TOKEN", "secret-value")]);
        await using var bench = new ConformanceBench(isFull: true, session: new SessionSettings { McpServers = [server] });

        Assert.Equal("secret-value", (await bench.RunAsync("mcp local")).Text);
    }

    [Fact]
    public async Task A_tool_at_an_address_gets_the_secret_header()
    {
        using Process http = Process.Start(new ProcessStartInfo(Repository.McpServer, ["--http"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string address = (await http.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().InTime())!;
        try
        {
            McpServer server = McpServer.ForUrl("remote", address, [KeyValuePair.Create("Authorization", "Bearer secret-token")]);
            await using var bench = new ConformanceBench(isFull: true, session: new SessionSettings { McpServers = [server] });

            Assert.Equal("Bearer secret-token", (await bench.RunAsync("mcp remote")).Text);
        }
        finally
        {
            http.StandardInput.Close();
            await http.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();
        }
    }
}
