using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Acp;

/// <summary>The tool calls of a turn in the order of their start. The turn guards it.</summary>
internal sealed class TurnTools(PermissionDesk permissions)
{
    private List<ToolCall>? _calls;

    /// <summary>The tool calls that change files, except rejected ones.</summary>
    public IReadOnlyList<ToolCall> Writes =>
        [.. (_calls ?? []).Where(c => c is { Kind: "edit" or "delete" or "move", Permission: not "Rejected" and not "Cancelled" })];

    public static string[] Paths(IReadOnlyList<ToolCallLocation> locations) => [.. locations.Where(l => l.Path is not null).Select(l => l.Path!)];

    public ToolCall? Find(string? id) => _calls?.Find(c => c.Id == id);

    /// <summary>Applies a tool_call, a tool_call_update or a decision. Only the members of the message have changed.</summary>
    /// <returns>The call.</returns>
    public ToolCall Apply(string id, ToolCallMessage message, string? permission, string? decidedBy)
    {
        ToolCall? call = Find(id);
        if (call is null)
            (_calls ??= []).Add(call = new ToolCall { Id = id });
        call.Title = message.Title ?? call.Title;
        call.Kind = message.Kind ?? call.Kind;
        call.Name = AcpToolName.Of(message, call.Title, call.Kind) ?? call.Name;
        call.Status = message.Status ?? call.Status;
        if (message.Locations is { } locations)
            call.Locations = Paths(locations);
        if (permissions.HasHandler)
            call.Input = AcpQuestion.InputOf(message) ?? call.Input;
        (call.Permission, call.DecidedBy) = permission is null ? (call.Permission, call.DecidedBy) : (permission, decidedBy);
        return call;
    }

    /// <summary>Copies of all calls for the result.</summary>
    public IReadOnlyList<ToolCall> Copy() => _calls is null ? [] : [.. _calls.Select(Decided)];

    /// <summary>A copy of a tool call. A tool that ran without a permission request was decided by the agent.</summary>
    private ToolCall Decided(ToolCall call)
    {
        ToolCall copy = call.Copy();
        if (copy is not { Permission: null, Status: not "pending" })
            return copy;
        copy.DecidedBy = "Agent";
        var asked = new PermissionRequest { SessionId = "", ToolCallId = call.Id, Title = call.Title, Kind = call.Kind, ToolName = call.Name, Locations = call.Locations };
        copy.RanUntrusted = call.Status != "failed" && call.Kind is not ("read" or "search" or "think" or "switch_mode") && permissions.DecideNow(asked) is not { Allows: true };
        return copy;
    }
}
