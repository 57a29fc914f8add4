using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>What every request for a session must have.</summary>
internal static class SessionSetup
{
    /// <summary>Returns the directory of the session.</summary>
    public static string Check(JsonElement parameters)
    {
        string directory = parameters.String("cwd");
        parameters.RequireArray("mcpServers");
        foreach (JsonElement server in parameters.GetProperty("mcpServers").EnumerateArray())
        {
            // As the schema of v3 has it. Older versions of v2 end here.
            if (server.TryString("type") is "http" or "sse")
                server.RequireArray("headers");
        }
        if (!Path.IsPathFullyQualified(directory))
            throw RpcException.Invalid("cwd must be an absolute path");
        return directory;
    }
}

/// <summary>What a client adds to a session, as JSON.</summary>
internal readonly record struct SessionExtras(string? Servers, string? Meta)
{
    public static SessionExtras Read(JsonElement parameters) => new(
        parameters.GetProperty("mcpServers") is var servers && servers.GetArrayLength() > 0 ? servers.GetRawText() : null,
        parameters.TryGetProperty("_meta", out JsonElement meta) ? meta.GetRawText() : null);
}

/// <summary>The agent and model a client may ask for with <c>session/new</c>, in <c>_meta.kiro</c>. v2 knows nothing of it.</summary>
internal readonly record struct SessionWish(string? Agent, string? Model)
{
    public static SessionWish Read(JsonElement parameters) =>
        parameters.TryGetProperty("_meta", out JsonElement meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("kiro", out JsonElement kiro)
            ? new SessionWish(kiro.TryString("modeId"), kiro.TryString("modelId"))
            : default;
}
