using System.Collections;
using System.Collections.Immutable;

namespace KiroPool.Engine.Agents;

/// <summary>The hosts of a pool, each once and at least one. Two lists are equal if their hosts are.</summary>
public sealed class HostList : IReadOnlyList<AgentHost>, IEquatable<HostList>
{
    private readonly ImmutableArray<AgentHost> _hosts;

    /// <summary>Creates a list.</summary>
    /// <exception cref="ArgumentException">There is no host, or one comes twice.</exception>
    public HostList(params IEnumerable<AgentHost> hosts)
    {
        _hosts = [.. hosts];
        if (_hosts.IsEmpty)
            throw new ArgumentException("A pool needs a host. Name one.", nameof(hosts));
        if (_hosts.GroupBy(host => host.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"The host '{twice.Key}' is given {twice.Count()} times. Name it once, with the MaxSize it shall have.", nameof(hosts));
    }

    /// <summary>This machine alone.</summary>
    public static HostList Local { get; } = new(AgentHost.Local);

    /// <summary>Whether one of them is a far host.</summary>
    public bool HasFar => _hosts.Any(host => host.IsFar);

    /// <inheritdoc/>
    public int Count => _hosts.Length;

    /// <inheritdoc/>
    public AgentHost this[int index] => _hosts[index];

    /// <inheritdoc/>
    public IEnumerator<AgentHost> GetEnumerator() => ((IEnumerable<AgentHost>)_hosts).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(HostList? other) => other is not null && _hosts.SequenceEqual(other._hosts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as HostList);

    /// <inheritdoc/>
    public override int GetHashCode() => _hosts.Length == 0 ? 0 : _hosts[0].GetHashCode();

    /// <summary>The names.</summary>
    public override string ToString() => string.Join(", ", _hosts);
}
