using System.Collections.Immutable;

namespace KiroPool.Engine.Agents;

/// <summary>A machine that agents run on: this one, or one that is reached through a program such as ssh.</summary>
public sealed record AgentHost
{
    /// <summary>The name of this machine in lists of hosts.</summary>
    public const string LocalName = "localhost";

    /// <summary>This machine.</summary>
    public static AgentHost Local { get; } = new() { Name = LocalName };

    /// <summary>The name in results, errors and statistics.</summary>
    public required string Name { get; init; }

    /// <summary>The largest number of processes there; the pool's when null.</summary>
    public int? MaxSize { get; init; }

    /// <summary>How a command reaches the host; null for this machine.</summary>
    public CommandPrefix? Prefix { get; init; }

    /// <summary>
    /// Whether agents there use the connection of the host's keeper, nine at most, and only others one of their own. The prefix
    /// must be ssh, and this machine not Windows.
    /// </summary>
    public bool SharesConnection { get; init; }

    /// <summary>Whether agents run there as children of a program on this machine.</summary>
    public bool IsFar => Prefix is not null;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>A program that runs another one elsewhere, with the streams of that one as its own: <c>ssh host</c>, <c>docker exec -i box</c>.</summary>
/// <param name="Program">Its full path.</param>
/// <param name="Arguments">Its arguments before the command.</param>
/// <param name="IsShell">Whether a shell of the far side reads the command as one line, as with ssh; otherwise it is a list of words.</param>
public sealed record CommandPrefix(string Program, ImmutableArray<string> Arguments, bool IsShell = false)
{
    /// <inheritdoc/>
    public bool Equals(CommandPrefix? other) =>
        other is not null && Program == other.Program && IsShell == other.IsShell && Arguments.SequenceEqual(other.Arguments);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Program);
        foreach (string argument in Arguments)
            hash.Add(argument);
        return hash.ToHashCode();
    }
}
