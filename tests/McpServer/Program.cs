using System.ComponentModel;
using ModelContextProtocol.Server;

namespace KiroPool.McpServer;

/// <summary>An MCP server on the official SDK: on stdin and stdout, or with --http at an address that it writes. It ends with its stdin.</summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        if (args is ["--http"])
            await RunHttpAsync();
        else
            await RunStdioAsync();
    }

    private static async Task RunStdioAsync()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMcpServer().WithStdioServerTransport().WithTools<StdioTools>();
        await builder.Build().RunAsync();
    }

    private static async Task RunHttpAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddMcpServer().WithHttpTransport(options => options.Stateless = true).WithTools<HttpTools>();
        WebApplication app = builder.Build();
        app.MapMcp();
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }
}

[McpServerToolType]
internal sealed class StdioTools
{
    [McpServerTool(Name = "token")]
    [Description("Returns the value of the environment variable TOKEN.")]
    public static string Token() => Environment.GetEnvironmentVariable("TOKEN") ?? "none";
}

[McpServerToolType]
internal sealed class HttpTools(IHttpContextAccessor context)
{
    [McpServerTool(Name = "token")]
    [Description("Returns the header Authorization.")]
    public string Token() => context.HttpContext?.Request.Headers.Authorization.ToString() ?? "none";
}
