using System.Text.Json;
using System.Text.Json.Nodes;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Acp;

/// <summary>One question of an agent to its user (elicitation), from its arrival to its single answer. What cannot be shown or asked is cancelled.</summary>
internal static class AcpForm
{
    private const int MostFields = 100;
    private const int MostChoices = 1000;
    private const int LongestText = 8 * 1024;

    private static ElicitationReply Cancelled => new("cancel");

    /// <summary>Asks the user.</summary>
    /// <param name="turn">The running turn of the session; null without one.</param>
    /// <param name="question">The question.</param>
    /// <param name="withdrawn">Cancelled when the agent cancels its request.</param>
    public static async Task<ElicitationReply> AskAsync(AcpTurn? turn, ElicitationQuestion question, CancellationToken withdrawn)
    {
        if (turn?.FormHandler is not { } handler || Read(question) is not { } request || turn.BeginAsking() is not { } end)
            return Cancelled;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end, withdrawn);
        try
        {
            FormAnswer answer = await Task.Run(() => handler(request, over.Token), CancellationToken.None).WaitAsync(over.Token).ConfigureAwait(false);
            return Reply(request, answer);
        }
        catch (Exception)
        {
            // The turn or the question has ended, or the handler failed. There is no answer.
            return Cancelled;
        }
        finally
        {
            turn.EndAsking();
        }
    }

    /// <summary>The answer for the agent. Values that do not fit their fields are never sent.</summary>
    internal static ElicitationReply Reply(FormRequest request, FormAnswer answer)
    {
        if (answer.Action != FormAction.Accept)
            return answer.Action == FormAction.Decline ? new ElicitationReply("decline") : Cancelled;
        if (request.Address is not null)
            return new ElicitationReply("accept");
        var content = new JsonObject();
        foreach (FormField field in request.Fields)
        {
            FormValue value = field.Read(answer.Values?.GetValueOrDefault(field.Name) ?? "");
            if (value.Fault is not null)
                return Cancelled;
            if (ToJson(value.Value) is { } json)
                content[field.Name] = json;
        }

        return new ElicitationReply("accept", content);
    }

    /// <summary>The question for the user; null if it cannot be shown as it is meant.</summary>
    internal static FormRequest? Read(ElicitationQuestion question)
    {
        FormField[]? fields = question.Mode switch
        {
            "form" or null => Fields(question.RequestedSchema),
            "url" when Address(question.Url) is not null => [],
            _ => null,
        };
        return fields is null ? null : new FormRequest
        {
            SessionId = question.SessionId ?? "",
            ToolCallId = question.ToolCallId,
            Message = Cut(question.Message) ?? "",
            Title = Text(question.RequestedSchema, "title"),
            Description = Text(question.RequestedSchema, "description"),
            Fields = fields,
            Address = question.Mode == "url" ? Address(question.Url) : null,
        };
    }

    private static Uri? Address(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http" && url.Length <= LongestText ? address : null;

    /// <summary>The fields; null if a required one is of an unknown kind.</summary>
    private static FormField[]? Fields(JsonElement schema)
    {
        JsonElement properties = Member(schema, "properties");
        if (properties.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
            return null;
        string[] required = [.. Items(Member(schema, "required")).Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)];
        var fields = new List<FormField>();
        foreach (JsonProperty property in properties.ValueKind == JsonValueKind.Object ? properties.EnumerateObject() : default)
        {
            if (Field(property.Name, property.Value, required.Contains(property.Name)) is { } field)
                fields.Add(field);
            else if (required.Contains(property.Name))
                return null;
        }

        return fields.Count > MostFields || required.Except(fields.Select(field => field.Name)).Any() ? null : [.. fields];
    }

    private static FormField? Field(string name, JsonElement schema, bool isRequired)
    {
        (FormFieldType Type, JsonElement Choices)? kind = Text(schema, "type") switch
        {
            "string" when ChoicesOf(schema, "oneOf") is { } choices => (FormFieldType.Choice, choices),
            "string" => (FormFieldType.Text, default),
            "number" => (FormFieldType.Number, default),
            "integer" => (FormFieldType.WholeNumber, default),
            "boolean" => (FormFieldType.YesNo, default),
            "array" when ChoicesOf(Member(schema, "items"), "anyOf") is { } choices => (FormFieldType.Choices, choices),
            _ => null,
        };
        if (kind is not var (type, list))
            return null;
        FormChoice[] all = [.. Items(list).Select(Choice).OfType<FormChoice>()];
        if (type is FormFieldType.Choice or FormFieldType.Choices && all.Length is 0 or > MostChoices)
            return null;
        string unit = type switch { FormFieldType.Text => "Length", FormFieldType.Choices => "Items", _ => "imum" };
        var field = new FormField
        {
            Name = name,
            Title = Text(schema, "title"),
            Description = Text(schema, "description"),
            Type = type,
            IsRequired = isRequired,
            Choices = all,
            Least = Number(schema, "min" + unit),
            Most = Number(schema, "max" + unit),
            Format = Text(schema, "format"),
            Pattern = Text(schema, "pattern"),
            Default = Default(Member(schema, "default"), all),
        };

        // A default that breaks the agent's own rules is none.
        return field.Default is { } typed && field.Check(typed) is not null ? field with { Default = null } : field;
    }

    /// <summary>The list of choices, plain or with titles; null without one.</summary>
    private static JsonElement? ChoicesOf(JsonElement schema, string titled) =>
        Member(schema, "enum") is { ValueKind: JsonValueKind.Array } plain ? plain
        : Member(schema, titled) is { ValueKind: JsonValueKind.Array } named ? named
        : null;

    private static FormChoice? Choice(JsonElement choice) =>
        choice.ValueKind == JsonValueKind.String ? new FormChoice(choice.GetString()!, Cut(choice.GetString())!)
        : Member(choice, "const") is { ValueKind: JsonValueKind.String } value ? new FormChoice(value.GetString()!, Text(choice, "title") ?? Cut(value.GetString())!)
        : null;

    /// <summary>A default as the user would type it.</summary>
    private static string? Default(JsonElement value, FormChoice[] choices) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? Array.FindIndex(choices, choice => choice.Value == one.GetString()) + 1 : 0)),
        _ => null,
    };

    private static JsonNode? ToJson(object? value) => value switch
    {
        string text => JsonValue.Create(text),
        bool yes => JsonValue.Create(yes),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        string[] many => new JsonArray([.. many.Select(one => (JsonNode)JsonValue.Create(one)!)]),
        _ => null,
    };

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement array) => array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private static string? Text(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } text ? Cut(text.GetString()) : null;

    private static double? Number(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value) ? value : null;

    private static string? Cut(string? text) => text is null ? null : text[..TerminalText.CutAt(text, LongestText)];
}

internal sealed record ElicitationQuestion
{
    public string? SessionId { get; init; }

    public string? ToolCallId { get; init; }

    public string? Mode { get; init; }

    public string? Message { get; init; }

    public JsonElement RequestedSchema { get; init; }

    public string? Url { get; init; }
}

internal sealed record ElicitationReply(string Action, JsonObject? Content = null);
