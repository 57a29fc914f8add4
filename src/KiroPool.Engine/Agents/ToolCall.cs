using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>A tool that the agent used, or wanted to use, during a turn.</summary>
public sealed class ToolCall
{
    /// <summary>Creates a call from its id.</summary>
    public ToolCall()
    {
    }

    /// <summary>Creates a call with all its values.</summary>
    /// <param name="id">See <see cref="Id"/>.</param>
    /// <param name="title">See <see cref="Title"/>.</param>
    /// <param name="kind">See <see cref="Kind"/>.</param>
    /// <param name="status">See <see cref="Status"/>.</param>
    /// <param name="locations">See <see cref="Locations"/>.</param>
    /// <param name="permission">See <see cref="Permission"/>.</param>
    /// <param name="decidedBy">See <see cref="DecidedBy"/>.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    [JsonConstructor]
    [SetsRequiredMembers]
    public ToolCall(string id, string title, string kind, string status, IReadOnlyList<string> locations, string? permission, string? decidedBy, string? name = null)
    {
        Id = id;
        Title = title;
        Kind = kind;
        Status = status;
        Locations = locations;
        Permission = permission;
        DecidedBy = decidedBy;
        Name = name;
    }

    /// <summary>The agent's id of the call.</summary>
    public required string Id { get; init; }

    /// <summary>A readable description.</summary>
    public string Title { get; internal set; } = "";

    /// <summary>The name of the tool, such as <c>fs_write</c> or <c>@git/status</c>, if the agent gives it apart from the title; else null.</summary>
    public string? Name { get; internal set; }

    /// <summary>ACP's kind: read, edit, delete, move, search, execute, think, fetch, switch_mode or other.</summary>
    public string Kind { get; internal set; } = "other";

    /// <summary>pending, in_progress, completed or failed.</summary>
    public string Status { get; internal set; } = "pending";

    /// <summary>The affected files.</summary>
    public IReadOnlyList<string> Locations { get; internal set; } = [];

    /// <summary>Allowed, Rejected or Cancelled if the agent asked for permission, else null.</summary>
    public string? Permission { get; internal set; }

    /// <summary>
    /// Who decided on it: TrustAllTools, TrustTools, Session (allowed always before), Handler, HandlerFailed,
    /// HandlerTimedOut, Nobody (the pool has no handler), NotOffered (the agent offered no permission for one use), Turn (the
    /// turn was being cancelled) or Agent (it ran without a request, by the agent's own permissions, or the agent cancelled its
    /// request). Null for a tool that has not started.
    /// </summary>
    public string? DecidedBy { get; internal set; }

    /// <summary>Whether it ran without a request, although it can change something and is not trusted here.</summary>
    [JsonIgnore]
    public bool RanUntrusted { get; internal set; }

    /// <summary>The input of the tool, kept for a permission handler.</summary>
    internal string? Input { get; set; }

    /// <summary>The title, the kind and the status.</summary>
    public override string ToString() => TerminalText.Harmless($"{Title} ({Kind}, {Permission?.ToLowerInvariant() ?? Status})");

    internal ToolCall Copy() => (ToolCall)MemberwiseClone();
}
