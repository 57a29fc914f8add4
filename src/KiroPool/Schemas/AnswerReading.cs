using System.Text.Json;

namespace KiroPool.Schemas;

/// <summary>The result of reading a text by a schema: a value, or the reasons why there is none.</summary>
internal sealed record AnswerReading
{
    private const int LongestFound = 60;

    /// <summary>The object; null if there is none, and for the JSON value null.</summary>
    public object? Value { get; private init; }

    /// <summary>The value as written in the text.</summary>
    public string? Json { get; private init; }

    /// <summary>The reasons why there is no value; empty if there is one.</summary>
    public IReadOnlyList<AnswerFault> Faults { get; private init; } = [];

    /// <summary>Returns the last complete JSON value that fits. If none fits, the faults are those of the last one.</summary>
    public static AnswerReading Read(AnswerSchema schema, string text)
    {
        IReadOnlyList<AnswerFault>? ofLast = null;
        foreach (string json in JsonInText.Values(text, schema.MayBeScalar))
        {
            AnswerReading reading = ReadValue(schema, json);
            if (reading.Faults.Count == 0)
                return reading;
            ofLast ??= reading.Faults;
        }

        return new AnswerReading { Faults = ofLast ?? [new AnswerFault("", text.Length == 0 ? "The answer is empty" : "The answer contains no complete JSON value")] };
    }

    /// <summary>The object a JSON value stands for where its schema is not at hand.</summary>
    public static object? ReadAny(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return AnswerInput.Name(AnswerValue.Read(schema: null, document.RootElement, out _));
    }

    /// <summary>Reads one JSON value by a schema.</summary>
    public static AnswerReading ReadValue(AnswerSchema schema, string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            IReadOnlyList<AnswerFault> faults = schema.Check(document.RootElement);
            if (faults.Count > 0)
                return new AnswerReading { Faults = [.. faults.Select(fault => WithFound(fault, document.RootElement))] };
            object? value = AnswerValue.Read(schema, document.RootElement, out faults);
            return faults.Count > 0 ? new AnswerReading { Faults = faults } : new AnswerReading { Value = AnswerInput.Name(value), Json = json };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return new AnswerReading { Faults = [new AnswerFault("", $"The JSON cannot be read: {e.Message}")] };
        }
    }

    /// <summary>Adds the found value to the expected one, which helps readers and the agent.</summary>
    private static AnswerFault WithFound(AnswerFault fault, JsonElement root)
    {
        JsonElement at = root;
        foreach (string step in fault.Path.Split('/').Skip(1))
        {
            string name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out JsonElement inner))
                at = inner;
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, out int index) && index >= 0 && index < at.GetArrayLength())
                at = at[index];
            else
                return fault;
        }

        string found = at.GetRawText();
        return at.ValueKind is JsonValueKind.Object or JsonValueKind.Array || found.Length > LongestFound ? fault : fault with { Message = $"{fault.Message} (found {found})" };
    }
}
