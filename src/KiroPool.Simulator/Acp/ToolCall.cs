namespace KiroPool.Simulator;

/// <summary>One tool call of a turn, with the question that may come first. Nothing is really run.</summary>
internal sealed class ToolCall(AgentContext context, AcpSession session, string requestId, string promptText, ToolWord word)
{
    // Kinds a client may know; another one in a prompt is reported as "other", as the schema wants.
    private static readonly string[] Kinds =
        ["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "switch_mode", "other"];

    private readonly string _kind = Kinds.Contains(word.Kind) ? word.Kind : "other";

    public string Id { get; } = context.Dialect.NewToolId(word.Kind);

    /// <summary>Whether it ran, and was one that changes files.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>A tool of an MCP server goes by its name, such as <c>@git/status</c>.</summary>
    private string Title => word.Kind.StartsWith('@') ? word.Kind : $"Simulated {_kind}";

    /// <returns>What the answer says of it, or null when there was nothing to ask.</returns>
    /// <exception cref="OperationCanceledException">The client answered that the turn is cancelled.</exception>
    public async ValueTask<string?> RunAsync(CancellationToken cancel)
    {
        context.Wire.Update(session.Id, "tool_call", json =>
        {
            json.WriteString("toolCallId"u8, Id);
            json.WriteString("title"u8, Title);
            json.WriteString("kind"u8, _kind);
            json.WriteString("status"u8, word.Asks ? "pending"u8 : "in_progress"u8);
            json.WriteStartObject("rawInput"u8);
            json.WriteString("simulated"u8, word.Kind);
            json.WriteEndObject();
            json.WriteKiroMeta(context.Dialect.MetaOfTool);
        });
        if (!word.Asks)
        {
            HasWritten = _kind is "edit" or "delete" or "move";
            Finish(completed: true);
            return null;
        }

        string outcome = IsTrusted ? "trusted" : await AskAsync(cancel).ConfigureAwait(false);
        bool runs = outcome is "trusted" or "allow_once" or "allow_always";
        HasWritten = runs && _kind is ("edit" or "delete" or "move");
        Finish(completed: runs);
        if (outcome == "allow_always")
            session.AlwaysAllowed.Add(_kind);
        if (outcome == "cancelled")
            throw new OperationCanceledException();
        return $"Permission: {outcome}";
    }

    private bool IsTrusted => context.Arguments.TrustAllTools
        || context.Arguments.TrustTools.Contains(word.Kind)
        || session.AlwaysAllowed.Contains(_kind)
        || (context.IsV3 && !context.Settings.V3.AsksForTools);

    private async ValueTask<string> AskAsync(CancellationToken cancel)
    {
        Fault[] faults = context.Faults.Take(FaultPoint.Permission, promptText);
        string? id = null;
        foreach (Fault fault in faults)
        {
            // These two are about the very question, not about one more before it.
            if (fault.Do == FaultKind.Collide)
                id = requestId;
            else if (fault.Do == FaultKind.StringId)
                id = ClientRequests.NextStringId();
            else
                await new FaultStep(context, FaultPoint.Permission, requestId, session.Id).PlayAsync([fault], cancel).ConfigureAwait(false);
        }

        // A cancel does not end the waiting: the client owes an answer to what is pending, and without it the turn hangs.
        PermissionRequest question = context.Dialect.AskForTool(session.Id, Id, _kind, Title, word.Kind);
        context.Dialect.NoticeQuestion(session.Id, Id, "tool_approval", answer: null);
        string outcome = question.Outcome(await context.Requests.AskAsync(id, PermissionRequest.Method, question.Write).ConfigureAwait(false));
        context.Dialect.NoticeQuestion(session.Id, Id, "tool_approval", outcome);
        context.Log.Write("permission", session.Id, word.Kind, json => json.WriteString("answer"u8, outcome));
        return outcome;
    }

    private void Finish(bool completed) => context.Wire.Update(session.Id, "tool_call_update", json =>
    {
        json.WriteString("toolCallId"u8, Id);
        json.WriteString("status"u8, completed ? "completed"u8 : "failed"u8);
        json.WriteStartArray("content"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "content"u8);
        json.WriteStartObject("content"u8);
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, completed ? "done"u8 : "not run"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });
}
