namespace KiroPool.Simulator;

/// <summary>The questions of v3, as they were recorded: with ids of their own, and no kind and no input in the request.</summary>
internal static class V3Questions
{
    private static readonly (string Id, string Name, string Kind)[] ToolOptions =
    [
        ("accept", "Allow", "allow_once"),
        ("always-accept", "Always allow", "allow_always"),
        ("reject", "Deny", "reject_once"),
        ("always-reject", "Always deny", "reject_always"),
    ];

    private static readonly (string Id, string Name, string Kind)[] TurnOptions =
    [
        ("accept", "Accept changes", "allow_once"),
        ("reject", "Reject changes", "reject_once"),
    ];

    /// <summary>The id v3 knows a tool by, which no kind of the standard names.</summary>
    public static string ToolId(string kind, string word) => kind switch
    {
        _ when word.StartsWith('@') => word,
        "edit" => "fs_write",
        "read" => "read_file",
        "execute" => "run_command",
        "search" => "grep_search",
        "fetch" => "web_fetch",
        "delete" => "delete_file",
        _ => word,
    };

    public static PermissionRequest ForTool(string sessionId, string toolCallId, string kind, string title, string word) =>
        Ask(sessionId, toolCallId, title, ToolOptions, json =>
        {
            string toolId = ToolId(kind, word);
            json.WriteString("toolId"u8, toolId);
            if (kind == "execute")
                json.WriteString("command"u8, title);
            json.WriteStartObject("consent"u8);
            json.WriteString("capability"u8, Capability(kind, word));
            json.WriteString("resource"u8, word.StartsWith('@') ? word[1..] : title);
            json.WriteString("askType"u8, "implicit"u8);
            json.WriteString("workspaceRoot"u8, Environment.CurrentDirectory);
            json.WriteEndObject();
            json.WriteNumber("consentRound"u8, 1);
        });

    /// <summary>The review of a turn's changes, where autopilot is off.</summary>
    public static PermissionRequest ForTurn(string sessionId, IReadOnlyList<string> writes) =>
        Ask(sessionId, $"turn_approval_{Guid.NewGuid():N}", "Review changes", TurnOptions, json =>
        {
            json.WriteString("type"u8, "turn_approval"u8);
            json.WriteString("executionId"u8, Guid.NewGuid().ToString());
            json.WriteStartArray("files"u8);
            foreach (string toolCallId in writes)
            {
                json.WriteStartObject();
                json.WriteString("path"u8, Path.Combine(Environment.CurrentDirectory, "written.txt"));
                json.WriteString("toolCallId"u8, toolCallId);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    /// <summary>A question to a person: every option allows, none rejects, and nothing in the request says so.</summary>
    public static PermissionRequest ForPerson(string sessionId, string toolCallId, string question, IReadOnlyList<string> answers) =>
        Ask(sessionId, toolCallId, question, [.. answers.Select((answer, i) => ($"{toolCallId}-option-{i}", answer, "allow_once"))], meta: null)
            with
            {
                Options = [.. answers.Select((answer, i) => ($"{toolCallId}-option-{i}", answer))],
            };

    private static PermissionRequest Ask(string sessionId, string toolCallId, string title, IReadOnlyList<(string Id, string Name, string Kind)> options, FrameBody? meta) => new(
        json =>
        {
            json.WriteString("sessionId"u8, sessionId);
            json.WriteStartObject("toolCall"u8);
            json.WriteString("toolCallId"u8, toolCallId);
            json.WriteString("status"u8, "pending"u8);
            json.WriteString("title"u8, title);
            json.WriteEndObject();
            json.WriteStartArray("options"u8);
            foreach ((string id, string name, string kind) in options)
            {
                json.WriteStartObject();
                json.WriteString("optionId"u8, id);
                json.WriteString("name"u8, name);
                json.WriteString("kind"u8, kind);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteKiroMeta(meta);
        },
        [.. options.Select(option => (option.Id, option.Kind))]);

    private static string Capability(string kind, string word) => kind switch
    {
        _ when word.StartsWith('@') => "mcp",
        "edit" or "delete" or "move" => "fs_write",
        "read" or "search" => "fs_read",
        "execute" => "shell",
        "fetch" => "web_fetch",
        _ => "subagent",
    };
}
