using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KiroPool.Engine.Agents;

/// <summary>
/// A server of the Model Context Protocol, which the agent connects to in each session. Commands, variables, addresses and
/// headers may be secret, so only the name and the transport can be read.
/// </summary>
public sealed class McpServer : IEquatable<McpServer>
{
    private McpServer(string name, string transport, string json) => (Name, Transport, Json) = (name, transport, json);

    /// <summary>The name, which the names of its tools begin with.</summary>
    public string Name { get; }

    /// <summary>stdio, http or sse.</summary>
    public string Transport { get; }

    /// <summary>The entry of <c>mcpServers</c> as the protocol has it.</summary>
    internal string Json { get; }

    /// <summary>A server that the agent starts as a process and talks to on stdin and stdout.</summary>
    /// <param name="name">Its name; not blank.</param>
    /// <param name="command">The full path of the program.</param>
    /// <param name="arguments">The arguments of the program.</param>
    /// <param name="environment">Its environment variables, in addition to the agent's.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.McpServerInvalid"/>: the name or the command is blank.</exception>
    public static McpServer ForCommand(string name, string command, IEnumerable<string>? arguments = null, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        RequireName(name);
        if (string.IsNullOrWhiteSpace(command))
            throw Invalid(name, "has a blank command. Give the program that runs it.");
        return new McpServer(name, "stdio", Write(json =>
        {
            json.WriteString("name"u8, name);
            json.WriteString("command"u8, command);
            json.WriteStartArray("args"u8);
            foreach (string argument in arguments ?? [])
                json.WriteStringValue(argument);
            json.WriteEndArray();
            WritePairs(json, "env", environment);
        }));
    }

    /// <summary>A server that the agent reaches at an address.</summary>
    /// <param name="name">Its name; not blank.</param>
    /// <param name="url">Its address: http or https.</param>
    /// <param name="headers">The headers of each request to it.</param>
    /// <param name="transport">http (Streamable HTTP) or sse (the older HTTP with server-sent events).</param>
    /// <exception cref="AgentException"><see cref="FailureKind.McpServerInvalid"/>: the name is blank, or the address or the transport is another one.</exception>
    public static McpServer ForUrl(string name, string url, IEnumerable<KeyValuePair<string, string>>? headers = null, string transport = "http")
    {
        RequireName(name);
        string kind = transport.ToLowerInvariant() switch
        {
            "http" or "streamable-http" or "streamablehttp" => "http",
            "sse" => "sse",
            _ => throw Invalid(name, $"has the type '{transport}'. The types are stdio, http and sse."),
        };
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw Invalid(name, "has no address that begins with http:// or https://.");
        return new McpServer(name, kind, Write(json =>
        {
            json.WriteString("type"u8, kind);
            json.WriteString("name"u8, name);
            json.WriteString("url"u8, url);

            // Always: some agents end at an entry without headers.
            WritePairs(json, "headers", headers);
        }));
    }

    /// <inheritdoc/>
    public bool Equals(McpServer? other) => other is not null && Json == other.Json;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as McpServer);

    /// <inheritdoc/>
    public override int GetHashCode() => Json.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name and the transport.</summary>
    public override string ToString() => $"{Name} ({Transport})";

    private static void RequireName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new AgentException(FailureKind.McpServerInvalid, "An MCP server has no name. Add name = '...' to its hashtable.");
    }

    private static AgentException Invalid(string name, string what) =>
        new(FailureKind.McpServerInvalid, $"The MCP server '{name}' {what}") { Value = name };

    private static void WritePairs(Utf8JsonWriter json, string member, IEnumerable<KeyValuePair<string, string>>? pairs)
    {
        json.WriteStartArray(member);
        foreach ((string name, string value) in pairs ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteString("value"u8, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
