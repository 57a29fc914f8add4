using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using System.Net;
using System.Security;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Binding;

/// <summary>Makes MCP servers from hashtables in the protocol's words, and from files .mcp.json. No value is in a message: it may be secret.</summary>
internal static class McpServerReader
{
    /// <exception cref="AgentException">McpServerInvalid.</exception>
    public static ImmutableArray<McpServer> Read(SessionState session, object[]? given)
    {
        ImmutableArray<McpServer> servers = [.. (given ?? []).SelectMany(one => Read(session, one))];
        if (servers.GroupBy(server => server.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Invalid(twice.Key, "is given twice. The names must differ.");
        return servers;
    }

    private static ImmutableArray<McpServer> Read(SessionState session, object? given)
    {
        object? value = given is PSObject { BaseObject: not PSCustomObject and var bare } ? bare : given;
        return value switch
        {
            McpServer server => [server],
            string path => ReadFile(session, path),
            FileInfo file => ReadFile(session, file.FullName),
            IDictionary table => [Read(session, table.Cast<DictionaryEntry>().Select(entry => ($"{entry.Key}", entry.Value)))],
            PSObject custom => [Read(session, custom.Properties.Select(property => (property.Name, (object?)property.Value)))],
            _ => throw new AgentException(FailureKind.McpServerInvalid, $"An MCP server is a hashtable, or the path of a file .mcp.json, but here is a {value?.GetType().Name ?? "null"}."),
        };
    }

    private static ImmutableArray<McpServer> ReadFile(SessionState session, string path)
    {
        string file = session.ResolveFile(path) ?? throw new AgentException(FailureKind.McpServerInvalid, $"The file '{path}' of MCP servers is not in the file system.") { Value = path };
        return McpServerFile.Read(file, command => Locate(session, command), Environment.GetEnvironmentVariable);
    }

    private static McpServer Read(SessionState session, IEnumerable<(string Key, object? Value)> entries)
    {
        var members = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach ((string key, object? value) in entries)
            members[key] = value is PSObject { BaseObject: not PSCustomObject and var bare } ? bare : value;
        string name = members.GetValueOrDefault("name") is { } given ? Text("", "name", given) : "";
        string? type = members.GetValueOrDefault("type") is { } kind ? Text(name, "type", kind) : null;
        if (members.Keys.FirstOrDefault(key => key.ToLowerInvariant() is not ("name" or "type" or "command" or "args" or "env" or "url" or "headers")) is { } unknown)
            throw Invalid(name, $"has the entry '{unknown}', which is unknown. The entries are name, type, command, args, env, url and headers.");
        if (members.GetValueOrDefault("command") is { } command && type is null or "stdio")
        {
            IEnumerable<string> arguments = members.GetValueOrDefault("args") switch
            {
                null => [],
                string one => [one],
                IEnumerable list => list.Cast<object?>().Select(argument => Text(name, "args", argument)),
                var one => [Text(name, "args", one)],
            };
            return McpServer.ForCommand(name, Locate(session, Text(name, "command", members["command"])), [.. arguments], [.. Pairs(name, "env", members.GetValueOrDefault("env"))]);
        }

        if (members.GetValueOrDefault("url") is { } url)
            return McpServer.ForUrl(name, Text(name, "url", url), [.. Pairs(name, "headers", members.GetValueOrDefault("headers"))], type ?? "http");
        throw name.Length == 0
            ? new AgentException(FailureKind.McpServerInvalid, "An MCP server has neither a name nor a command or a url.")
            : Invalid(name, "has neither a command nor a url.");
    }

    /// <summary>Names and values of a hashtable, or of the protocol's list of <c>@{ name; value }</c>.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Pairs(string server, string member, object? given) => given switch
    {
        null => [],
        IDictionary table => table.Cast<DictionaryEntry>().OrderBy(entry => $"{entry.Key}", StringComparer.Ordinal).Select(entry => KeyValuePair.Create($"{entry.Key}", Text(server, $"{member}.{entry.Key}", entry.Value))),
        PSObject custom => custom.Properties.Select(property => KeyValuePair.Create(property.Name, Text(server, $"{member}.{property.Name}", property.Value))),
        IEnumerable list and not string => list.Cast<object?>().Select(one => one is PSObject wrapped ? wrapped.BaseObject : one).OfType<IDictionary>()
            .Select(pair => KeyValuePair.Create(Text(server, member, pair["name"]), Text(server, member, pair["value"]))),
        _ => throw Invalid(server, $"has {member} that is no hashtable of names and values."),
    };

    private static string Text(string server, string member, object? value)
    {
        object? bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        return bare switch
        {
            string text => text,
            SecureString secret => new NetworkCredential("", secret).Password,
            FileSystemInfo file => file.FullName,
            IFormattable or bool or Uri => LanguagePrimitives.ConvertTo<string>(bare),
            _ => throw Invalid(server, $"has a value of {member} that is a {bare?.GetType().Name ?? "null"}. Give a string or a SecureString."),
        };
    }

    /// <summary>The full path of a command, as the protocol wants it.</summary>
    private static string Locate(SessionState session, string command)
    {
        try
        {
            return KiroCliLocator.Locate(session.ResolveProgram(command), session.CurrentDirectory());
        }
        catch (AgentException e)
        {
            throw new AgentException(FailureKind.McpServerInvalid, $"The command '{command}' of an MCP server was not found on PATH, or cannot be run. Give its full path.", e) { Value = command };
        }
    }

    private static AgentException Invalid(string name, string what) =>
        new(FailureKind.McpServerInvalid, name.Length == 0 ? $"An MCP server {what}" : $"The MCP server '{name}' {what}") { Value = name };
}
