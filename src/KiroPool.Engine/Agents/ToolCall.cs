using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>A tool the agent used, or wanted to use, during a turn.</summary>
public sealed class ToolCall
{
    /// <summary>Makes a call of which nothing but the id need be known.</summary>
    public ToolCall()
    {
    }

    /// <summary>Makes a call as it was told or written down elsewhere.</summary>
    /// <param name="id">See <see cref="Id"/>.</param>
    /// <param name="title">See <see cref="Title"/>.</param>
    /// <param name="kind">See <see cref="Kind"/>.</param>
    /// <param name="status">See <see cref="Status"/>.</param>
    /// <param name="locations">See <see cref="Locations"/>.</param>
    /// <param name="permission">See <see cref="Permission"/>.</param>
    /// <param name="decidedBy">See <see cref="DecidedBy"/>.</param>
    [JsonConstructor]
    [SetsRequiredMembers]
    public ToolCall(string id, string title, string kind, string status, IReadOnlyList<string> locations, string? permission, string? decidedBy)
    {
        Id = id;
        Title = title;
        Kind = kind;
        Status = status;
        Locations = locations;
        Permission = permission;
        DecidedBy = decidedBy;
    }

    /// <summary>The agent's id of the call.</summary>
    public required string Id { get; init; }

    /// <summary>What it does, for people.</summary>
    public string Title { get; internal set; } = "";

    /// <summary>ACP's kind: read, edit, delete, move, search, execute, think, fetch, switch_mode or other.</summary>
    public string Kind { get; internal set; } = "other";

    /// <summary>pending, in_progress, completed or failed.</summary>
    public string Status { get; internal set; } = "pending";

    /// <summary>The files concerned.</summary>
    public IReadOnlyList<string> Locations { get; internal set; } = [];

    /// <summary>Allowed, Rejected or Cancelled when the agent asked for permission; null when it did not ask.</summary>
    public string? Permission { get; internal set; }

    /// <summary>
    /// Who decided on <see cref="Permission"/>: TrustAllTools, TrustTools, Session (allowed always before), Handler,
    /// HandlerFailed, HandlerTimedOut, Nobody (nobody was there to ask), NotOffered (the agent offered no way to allow it
    /// once) or Turn (the turn was being cancelled). Null when the agent did not ask.
    /// </summary>
    public string? DecidedBy { get; internal set; }

    /// <summary>What goes into it, kept where a permission handler may want to see it.</summary>
    internal string? Input { get; set; }

    /// <summary>The title, the kind and the status.</summary>
    public override string ToString() => TerminalText.Harmless($"{Title} ({Kind}, {Permission?.ToLowerInvariant() ?? Status})");

    internal ToolCall Copy() => (ToolCall)MemberwiseClone();
}
