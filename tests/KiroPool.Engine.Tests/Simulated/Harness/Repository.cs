namespace KiroPool.Testing;

internal static partial class Repository
{
    /// <summary>A process with pools of its own, to be ended in every way a host can end.</summary>
    public static string TestHost => Program(Path.Combine("tests", "TestHost"), "TestHost");

    /// <summary>An MCP server on the official C# SDK.</summary>
    public static string McpServer => Program(Path.Combine("tests", "McpServer"), "test-mcp-server");
}
