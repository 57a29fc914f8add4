using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>What v3 says around its sessions and turns: nearly all of it are <c>session_info_update</c>s of one kind or another.</summary>
internal sealed class V3Frames(AgentContext context)
{
    private readonly SimulatorSettings _settings = context.Settings;

    /// <summary>What comes for a session before the reply that names it.</summary>
    public void Preparing(AcpSession session)
    {
        Notify("_kiro/mcp/status", session.Id, static json => WriteList(json, "servers", "connecting"));
        Notify("_kiro/governance/state", session.Id, static json => json.WriteBoolean("isEnterprise"u8, false));
        Notify("_kiro/tools/didChange", session.Id, static json => WriteList(json, "tags", "builtin"));
        context.Wire.Notify("_kiro/sessions/changed", json => WriteList(json, "upserted", "idle"));
    }

    /// <summary>What comes for a session after that reply.</summary>
    public void Prepared(AcpSession session)
    {
        Notify("_kiro/steering/documents_changed", session.Id, static json => json.WriteString("status"u8, "success"u8));
        context.Wire.Update(session.Id, "available_commands_update", static json => WriteList(json, "availableCommands", "quick-spec"));
        ContextUsage(session);
        Notify("_kiro/mcp/status", session.Id, static json => WriteList(json, "servers", "connected"));
    }

    public void Received(AcpSession session, string prompt)
    {
        session.ReplayId = $"{Guid.NewGuid()}-say";
        Info(session.Id, "user_message_id_assigned", static json => json.WriteString("userMessageId"u8, Guid.NewGuid().ToString()));
        Focus(session, prompt, null);
    }

    public void Focus(AcpSession session, string title, string? status)
    {
        title = title.Length <= 80 ? title : string.Concat(title.AsSpan(0, Answer.Boundary(title, 80, title.Length)), " ...");
        Info(
            session.Id,
            "focus_update",
            json =>
            {
                json.WriteStartObject("focus"u8);
                json.WriteString("title"u8, title);
                if (status is not null)
                    json.WriteString("status"u8, status);
                json.WriteEndObject();
                json.WriteString("title"u8, title);
            },
            title: title);
    }

    public void TurnStart(AcpSession session) => Info(session.Id, "turn_start", static json => json.WriteBoolean("turnStart"u8, true));

    public void TurnEnd(AcpSession session, TurnEnd end)
    {
        ContextUsage(session);
        Completion(session, end, replay: false);
        Ended(session.Id, end.Failed ? "error" : end.StopReason ?? "end_turn", replay: false);
        Focus(session, "Idle", "idle");
    }

    public void ContextUsage(AcpSession session, bool replay = false) => Info(
        session.Id,
        "context_usage",
        json =>
        {
            json.WriteStartObject("contextUsage"u8);
            json.WriteNumber("usagePercentage"u8, session.ContextPercent);
            json.WriteEndObject();
            json.WriteNumber("usagePercentage"u8, session.ContextPercent);
        },
        replay);

    public void Replay(AcpSession session, Exchange exchange)
    {
        FrameBody meta = static json => json.WriteBoolean("replay"u8, true);
        Info(session.Id, "turn_start", static json => json.WriteBoolean("turnStart"u8, true), replay: true);
        context.Wire.Chunk(session.Id, "user_message_chunk", exchange.Prompt.AsMemory(), meta);
        context.Wire.Chunk(session.Id, "agent_message_chunk", exchange.Answer.AsMemory(), meta);
        ContextUsage(session, replay: true);
        Completion(session, new TurnEnd("end_turn", _settings.Credits, session.ContextPercent, 1, Failed: false, []), replay: true);
        Ended(session.Id, "end_turn", replay: true);
    }

    public void Question(string sessionId, string toolCallId, string type, string? answer) => Info(
        sessionId,
        answer is null ? "pending_interaction" : "interaction_resolved",
        json =>
        {
            json.WriteString("toolCallId"u8, toolCallId);
            json.WriteString("interactionType"u8, type);
            if (answer is not null)
                json.WriteString("outcome"u8, answer == "cancelled" ? "cancelled"u8 : "selected"u8);
        });

    /// <summary>A message for the user; it may be the only trace of a failed turn, and may come in one that goes well.</summary>
    public static void DisplayError(FrameWriter wire, string sessionId, string errorType, string message) => Info(wire, sessionId, "display_error", json =>
    {
        json.WriteStartObject("displayError"u8);
        json.WriteString("message"u8, message);
        json.WriteString("errorType"u8, errorType);
        json.WriteEndObject();
        json.WriteString("message"u8, message);
        json.WriteString("errorType"u8, errorType);
    });

    /// <summary>What a turn cost. It comes with cancelled turns, too.</summary>
    private void Completion(AcpSession session, TurnEnd end, bool replay) => Info(
        session.Id,
        "turn_completion",
        json =>
        {
            json.WriteStartArray("promptTurnSummaries"u8);
            if (end.Credits > 0)
            {
                // Two rows of credits to be summed, and one of something else.
                WriteSummary(json, "credit", "credits", end.Credits / 2, end.Tools);
                WriteSummary(json, "credit", "credits", end.Credits / 2, []);
                WriteSummary(json, "token", "tokens", 500, []);
            }
            json.WriteEndArray();
            json.WriteNumber("elapsedTime"u8, end.Ms);
            json.WriteString("status"u8, end.StopReason == "cancelled" ? "aborted"u8 : end.Failed ? "failed"u8 : "success"u8);
            json.WriteStartArray("requestIds"u8);
            json.WriteStringValue(Guid.NewGuid().ToString());
            json.WriteEndArray();
            if (_settings.V3.Tokens)
            {
                json.WriteNumber("inputTokens"u8, 1200);
                json.WriteNumber("outputTokens"u8, 80);
                json.WriteNumber("cacheReadInputTokens"u8, 1000);
                json.WriteNumber("cacheWriteInputTokens"u8, 50);
            }
        },
        replay);

    private static void WriteSummary(Utf8JsonWriter json, string unit, string plural, double usage, IReadOnlyList<string> tools)
    {
        json.WriteStartObject();
        json.WriteString("unit"u8, unit);
        json.WriteString("unitPlural"u8, plural);
        json.WriteNumber("usage"u8, usage);
        if (tools.Count > 0)
        {
            json.WriteStartArray("usedTools"u8);
            foreach (string tool in tools)
                json.WriteStringValue(tool);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private void Ended(string sessionId, string stopReason, bool replay) => Info(
        sessionId,
        "turn_end",
        json =>
        {
            json.WriteStartObject("turnEnd"u8);
            json.WriteString("stopReason"u8, stopReason);
            json.WriteEndObject();
            json.WriteString("stopReason"u8, stopReason);
        },
        replay);

    private void Info(string sessionId, string kind, FrameBody properties, bool replay = false, string? title = null) =>
        Info(context.Wire, sessionId, kind, properties, replay, title);

    private static void Info(FrameWriter wire, string sessionId, string kind, FrameBody properties, bool replay = false, string? title = null) =>
        wire.Update(sessionId, "session_info_update", json =>
        {
            if (title is not null)
                json.WriteString("title"u8, title);
            json.WriteKiroMeta(kiro =>
            {
                properties(kiro);
                kiro.WriteString("kind"u8, kind);
                if (replay)
                    kiro.WriteBoolean("replay"u8, true);
            });
        });

    private void Notify(string method, string sessionId, FrameBody properties) => context.Wire.Notify(method, json =>
    {
        json.WriteString("sessionId"u8, sessionId);
        properties(json);
    });

    private static void WriteList(Utf8JsonWriter json, string array, string name)
    {
        json.WriteStartArray(array);
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("status"u8, name);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
