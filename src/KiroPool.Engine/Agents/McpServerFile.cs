using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KiroPool.Engine.Agents;

/// <summary>
/// A file <c>.mcp.json</c> as other tools have it: <c>mcpServers</c> (or <c>servers</c>) by name. A <c>${NAME}</c> or
/// <c>${NAME:-default}</c> in a value stands for an environment variable.
/// </summary>
public static partial class McpServerFile
{
    private static readonly JsonDocumentOptions Tolerant = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a file. A disabled server is left out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="locate">Makes the full path of a command; it may throw an <see cref="AgentException"/>.</param>
    /// <param name="variable">The value of an environment variable; null if it is not set.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.McpServerInvalid"/>: names the file and the server.</exception>
    public static ImmutableArray<McpServer> Read(string path, Func<string, string> locate, Func<string, string?> variable)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), Tolerant);
            JsonElement servers = Member(document.RootElement, "mcpServers") is { ValueKind: JsonValueKind.Object } named ? named : Member(document.RootElement, "servers");
            if (servers.ValueKind != JsonValueKind.Object)
                throw new AgentException(FailureKind.McpServerInvalid, $"'{path}' has no object mcpServers with the servers by name.") { Value = path };
            return [.. servers.EnumerateObject().Where(server => !IsDisabled(server.Value)).Select(server => Read(path, server.Name, server.Value, locate, variable))];
        }
        catch (JsonException e)
        {
            throw new AgentException(FailureKind.McpServerInvalid, $"'{path}' is not JSON: {e.Message}", e) { Value = path };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(FailureKind.McpServerInvalid, $"The file '{path}' of MCP servers cannot be read: {e.Message}", e) { Value = path };
        }
    }

    private static McpServer Read(string path, string name, JsonElement server, Func<string, string> locate, Func<string, string?> variable)
    {
        if (Member(server, "command") is { ValueKind: JsonValueKind.String } command)
        {
            IEnumerable<string> arguments = Member(server, "args") is { ValueKind: JsonValueKind.Array } args ? args.EnumerateArray().Select(a => Expand(a.ToString())) : [];
            return McpServer.ForCommand(name, locate(Expand(command.GetString()!)), [.. arguments], [.. Pairs("env")]);
        }

        if (Member(server, "url") is { ValueKind: JsonValueKind.String } url)
        {
            string transport = Member(server, "type") is { ValueKind: JsonValueKind.String } type ? type.GetString()! : "http";
            return McpServer.ForUrl(name, Expand(url.GetString()!), [.. Pairs("headers")], transport);
        }

        throw new AgentException(FailureKind.McpServerInvalid, $"The MCP server '{name}' in '{path}' has neither a command nor a url.") { Value = name };

        IEnumerable<KeyValuePair<string, string>> Pairs(string member) => Member(server, member) is { ValueKind: JsonValueKind.Object } pairs
            ? pairs.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, Expand(pair.Value.ToString())))
            : [];

        string Expand(string text) => Reference().Replace(text, reference =>
            variable(reference.Groups["name"].Value) is { Length: > 0 } value ? value
            : reference.Groups["default"] is { Success: true } otherwise ? otherwise.Value
            : throw new AgentException(FailureKind.McpServerInvalid, $"The MCP server '{name}' in '{path}' needs the environment variable {reference.Groups["name"].Value}, which is not set.") { Value = name });
    }

    private static bool IsDisabled(JsonElement server) => Member(server, "disabled").ValueKind == JsonValueKind.True;

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : default;

    [GeneratedRegex(@"\$\{(?:env:)?(?<name>\w+)(?::-(?<default>[^}]*))?\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
