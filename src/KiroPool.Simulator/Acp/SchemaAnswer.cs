using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KiroPool.Simulator;

/// <summary>
/// Answers that fit a JSON Schema, as an agent gives them that was told to. The word <c>[[json …]]</c> spoils them:
/// <c>wrong</c> (once, or so many times), <c>never</c> (always wrong), <c>fenced</c>, <c>words</c> (around it), <c>two</c>
/// (an example first).
/// </summary>
internal sealed class SchemaAnswer
{
    private const string Marker = "JSON Schema:";
    private const string Complaint = "does not fit";

    private readonly JsonObject _schema;
    private readonly string _question;
    private readonly string[] _words;
    private readonly int _bytes;
    private int _wrongLeft;

    private SchemaAnswer(JsonObject schema, string question)
    {
        _schema = schema;
        _question = question;
        PromptWords words = PromptWords.Parse(question);
        _words = (words.Json ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _bytes = words.Bytes ?? 0;
        _wrongLeft = _words is ["wrong", var times] && int.TryParse(times, out int many) ? many : _words.Contains("wrong") ? 1 : 0;
    }

    /// <summary>The answer to a prompt that wants one by a schema, or complains of the last one; null for any other prompt.</summary>
    public static string? To(PromptContent prompt, AcpSession session)
    {
        bool complains = prompt.Text.Contains(Complaint, StringComparison.Ordinal);
        if (complains && session.Schema is { } before && !prompt.Text.Contains(Marker + "\n{", StringComparison.Ordinal))
            return before.Say();
        if (Find(prompt) is { } schema)
        {
            session.Schema = new SchemaAnswer(schema, QuestionOf(prompt));

            // A process that has no memory is told what it said before.
            if (complains)
                session.Schema._wrongLeft = 0;
        }
        else
        {
            session.Schema = null;
        }

        return session.Schema?.Say();
    }

    private static JsonObject? Find(PromptContent prompt)
    {
        if (prompt.OutputSchema is { } given)
            return JsonNode.Parse(given) as JsonObject;
        int at = prompt.Text.IndexOf(Marker + "\n{", StringComparison.Ordinal);
        if (at < 0)
            return null;
        string rest = prompt.Text[(at + Marker.Length + 1)..];
        int end = rest.IndexOf('\n', StringComparison.Ordinal);
        return JsonNode.Parse(end < 0 ? rest : rest[..end]) as JsonObject;
    }

    /// <summary>What stands before the part with the schema, and what is attached.</summary>
    private static string QuestionOf(PromptContent prompt)
    {
        int marker = prompt.Text.IndexOf(Marker, StringComparison.Ordinal);
        int part = marker < 0 ? -1 : prompt.Text.LastIndexOf("\n\n", marker, StringComparison.Ordinal);
        return string.Join('\n', [part < 0 ? prompt.Text : prompt.Text[..part], .. prompt.Attachments]);
    }

    private string Say()
    {
        bool isWrong = _words.Contains("never") || _wrongLeft > 0;
        _wrongLeft--;
        string json = Pad(isWrong ? Spoil(Sample(_schema, "value")) : Sample(_schema, "value"));
        if (_words.Contains("fenced"))
            return $"```json\n{json}\n```";
        if (_words.Contains("words"))
            return $"Here is what I found [1]:\n\n{json}\n\nTell me {{anything}} else you need.";
        return _words.Contains("two") ? $"Such a value looks like this:\n```json\n{Spoil(Sample(_schema, "value"))!.ToJsonString()}\n```\nand yours is\n```json\n{json}\n```" : json;
    }

    private string Pad(JsonNode? value)
    {
        string json = value?.ToJsonString() ?? "null";
        int missing = _bytes - Encoding.UTF8.GetByteCount(json);
        if (missing <= 0 || value is not JsonObject table)
            return json;
        foreach ((string name, JsonNode? inner) in table)
        {
            if (inner is JsonValue text && text.GetValueKind() == JsonValueKind.String && _schema["properties"]?[name]?["type"]?.ToString() == "string")
            {
                table[name] = text.GetValue<string>() + new string('x', missing);
                break;
            }
        }

        return table.ToJsonString();
    }

    private static JsonObject Spoil(JsonNode? value)
    {
        if (value is not JsonObject table || table.Count == 0)
            return new JsonObject { ["wrong"] = true };
        string first = table.First().Key;
        table[first] = table[first] is JsonValue text && text.GetValueKind() == JsonValueKind.String ? 17 : "none of these";
        return table;
    }

    private JsonNode? Sample(JsonNode? part, string name)
    {
        if (part is not JsonObject schema)
            return true;
        if (schema["$ref"] is JsonValue reference)
            return Sample(reference.ToString() == "#" ? _schema : _schema["$defs"]?[reference.ToString().Split('/')[^1]], name);
        if (schema["const"] is { } only)
            return only.DeepClone();
        if (schema["enum"] is JsonArray choices)
            return Choose(choices)?.DeepClone();
        if ((schema["anyOf"] ?? schema["oneOf"] ?? schema["allOf"]) is JsonArray others)
            return Sample(others[0], name);
        string type = schema["type"] is JsonArray types ? types[0]!.ToString() : schema["type"]?.ToString() ?? (schema.ContainsKey("properties") ? "object" : "string");
        return type switch
        {
            "object" => new JsonObject((schema["properties"] as JsonObject ?? []).Select(member => KeyValuePair.Create(member.Key, Sample(member.Value, member.Key)))),
            "array" => new JsonArray(schema["items"] is { } items && !items.ToJsonString().Contains("$ref", StringComparison.Ordinal) ? [Sample(items, name), Sample(items, name)] : []),
            "integer" => (int)(schema["minimum"]?.GetValue<double>() ?? Hash % 100),
            "number" => schema["minimum"]?.GetValue<double>() ?? (Hash % 1000 / 10.0),
            "boolean" => Hash % 2 == 0,
            "null" => null,
            _ => Text(schema["format"]?.ToString(), name),
        };
    }

    // What is asked about decides, so that a file named fatal.log is fatal.
    private JsonNode? Choose(JsonArray choices) =>
        choices.FirstOrDefault(choice => choice is JsonValue && _question.Contains(choice.ToString(), StringComparison.OrdinalIgnoreCase)) ?? choices[Hash % choices.Count];

    private string Text(string? format, string name) => format switch
    {
        "date-time" => "2026-01-02T03:04:05Z",
        "date" => "2026-01-02",
        "time" => "03:04:05",
        "uuid" => "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "uri" => "https://example.org/",
        "email" => "a@example.org",
        _ => $"{name} of: {_question.Split('\n')[0].Trim()}",
    };

    private int Hash => _question.Aggregate(17, static (sum, letter) => (sum * 31 + letter) & 0x7fffffff);
}
