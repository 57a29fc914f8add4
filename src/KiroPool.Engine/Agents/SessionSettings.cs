using System.Collections.Immutable;

namespace KiroPool.Engine.Agents;

/// <summary>The values of a session besides its agent, model and directory. They are part of the key of a process, because it prepares sessions in advance.</summary>
public sealed record SessionSettings
{
    /// <summary>Nothing besides agent, model and directory.</summary>
    public static SessionSettings Default { get; } = new();

    /// <summary>The servers that the agent connects to.</summary>
    public ImmutableArray<McpServer> McpServers
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>The options of the agent by id, such as effort, and their values. A switch has the value true or false.</summary>
    public ImmutableSortedDictionary<string, string> ConfigOptions { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The full paths of further directories that the agent may work in.</summary>
    public ImmutableArray<string> AdditionalDirectories
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>Instructions that the agent appends to its own; null for none.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>A JSON object for <c>_meta</c>, for extensions of the agent; null for none.</summary>
    public string? Meta { get; init; }

    /// <inheritdoc/>
    public bool Equals(SessionSettings? other) =>
        other is not null
        && McpServers.SequenceEqual(other.McpServers)
        && ConfigOptions.SequenceEqual(other.ConfigOptions)
        && AdditionalDirectories.SequenceEqual(other.AdditionalDirectories)
        && SystemPrompt == other.SystemPrompt
        && Meta == other.Meta;

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (McpServer server in McpServers)
            hash.Add(server);
        foreach ((string name, string value) in ConfigOptions)
        {
            hash.Add(name);
            hash.Add(value);
        }

        foreach (string directory in AdditionalDirectories)
            hash.Add(directory);
        hash.Add(SystemPrompt);
        hash.Add(Meta);
        return hash.ToHashCode();
    }

    /// <summary>The names of the servers and options. Values may be secret and are left out.</summary>
    public override string ToString() => string.Join(", ", McpServers.Select(server => $"MCP server {server}").Concat(ConfigOptions.Keys.Select(option => $"option {option}")));
}
