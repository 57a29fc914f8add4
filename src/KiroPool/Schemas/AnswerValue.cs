using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KiroPool.Schemas;

/// <summary>Converts JSON that fits a schema to objects: PSCustomObjects, or instances of the classes of the schema.</summary>
internal sealed class AnswerValue(AnswerSchema? schema)
{
    private readonly List<AnswerFault> _faults = [];
    private readonly SchemaTypes _members = new([]);

    /// <summary>The object of a value; null and the faults if a type does not accept a value that the schema allows.</summary>
    public static object? Read(AnswerSchema? schema, JsonElement value, out IReadOnlyList<AnswerFault> faults)
    {
        var reader = new AnswerValue(schema);
        object? made = reader.Make(value, schema?.Root, "");
        faults = reader._faults;
        return faults.Count == 0 ? made : null;
    }

    private object? Make(JsonElement value, JsonObject? part, string path)
    {
        part = Choose(schema?.Resolve(part), value);
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (part is null || !schema!.Types.TryGetValue(part, out Type? type))
            return MakePlain(value, part, path);
        try
        {
            if (SchemaTypes.IsClass(type))
                return MakeInstance(value, part, type, path);
            if (value.ValueKind == JsonValueKind.Object && SchemaTypes.ValueOf(type) is { } inner)
                return MakeTable(value, part, type, inner, path);
            return ReadDecimal(value, type) ?? LanguagePrimitives.ConvertTo(MakePlain(value, part, path), type, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is RuntimeException or InvalidCastException or TargetInvocationException or ArgumentException)
        {
            Exception cause = e is TargetInvocationException { InnerException: { } thrown } ? thrown : e;
            _faults.Add(new AnswerFault(path, cause is PSInvalidCastException ? $"This is not a {type.Name}" : cause.Message));
            return null;
        }
    }

    /// <summary>The alternative to null in a choice of two.</summary>
    private JsonObject? Choose(JsonObject? part, JsonElement value)
    {
        if (part?["allOf"] is JsonArray { Count: 1 } only)
            return schema!.Resolve(only[0] as JsonObject);
        if (part?["anyOf"] is not JsonArray choices)
            return part;
        JsonObject[] others = [.. choices.OfType<JsonObject>().Where(choice => choice["type"]?.ToString() != "null")];
        return others is [var single] && value.ValueKind != JsonValueKind.Null ? schema!.Resolve(single) : null;
    }

    private object? MakePlain(JsonElement value, JsonObject? part, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return MakeObject(value, part, path);
            case JsonValueKind.Array:
                var items = new List<object?>(value.GetArrayLength());
                foreach (JsonElement item in value.EnumerateArray())
                    items.Add(Make(item, ItemOf(part, items.Count), $"{path}/{items.Count}"));
                return items.ToArray();
            case JsonValueKind.Number:
                return MakeNumber(value);
            case JsonValueKind.True or JsonValueKind.False:
                return value.GetBoolean();
            case JsonValueKind.String:
                return ReadText(value, path);
            default:
                return null;
        }
    }

    /// <summary>An object with the properties in the order of the schema. A missing property is null, so that all rows of a table have the same columns.</summary>
    private PSObject MakeObject(JsonElement value, JsonObject? part, string path)
    {
        var made = new PSObject();
        JsonObject? properties = part?["properties"] as JsonObject;
        foreach ((string name, JsonNode? inner) in properties ?? [])
        {
            if (Named(made, name, path))
                made.Properties.Add(new PSNoteProperty(name, value.TryGetProperty(name, out JsonElement given) ? WithText(Make(given, inner as JsonObject, Step(path, name))) : null));
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (properties?.ContainsKey(member.Name) == true)
                continue;
            object? inner = Make(member.Value, part?["additionalProperties"] as JsonObject, Step(path, member.Name));
            if (Named(made, member.Name, path))
                made.Properties.Add(new PSNoteProperty(member.Name, WithText(inner)));
        }

        return made;
    }

    /// <summary>
    /// A list in PowerShell's wrapper, whose text is that of its items. Export-Csv would write the name of the type of a bare
    /// one. Scripts see the list itself.
    /// </summary>
    private static object? WithText(object? value) => value is Array list ? PSObject.AsPSObject(list) : value;

    /// <summary>Whether a PowerShell object can have another property with that name.</summary>
    private bool Named(PSObject made, string name, string path)
    {
        if (name.Length > 0 && made.Properties[name] is null)
            return true;
        _faults.Add(new AnswerFault(Step(path, name), name.Length == 0 ? "A property needs a name" : "The name occurs twice; PowerShell ignores case"));
        return false;
    }

    private object? MakeInstance(JsonElement value, JsonObject part, Type type, string path)
    {
        object made = Activator.CreateInstance(type)!;
        JsonObject? properties = part["properties"] as JsonObject;
        foreach (ClassMember member in _members.MembersOf(type))
        {
            if (!value.TryGetProperty(member.Name, out JsonElement given))
                continue;
            string step = Step(path, member.Name);
            object? inner = Make(given, properties?[member.Name] as JsonObject, step);
            if (inner is null && member.Property.PropertyType.IsValueType && Nullable.GetUnderlyingType(member.Property.PropertyType) is null)
                continue;
            try
            {
                member.Property.SetValue(made, inner is null ? null : ReadDecimal(given, member.Property.PropertyType) ?? LanguagePrimitives.ConvertTo(inner, member.Property.PropertyType, CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is RuntimeException or InvalidCastException or TargetInvocationException or ArgumentException)
            {
                _faults.Add(new AnswerFault(step, (e is TargetInvocationException { InnerException: { } cause } ? cause : e).Message));
            }
        }

        return made;
    }

    private IDictionary MakeTable(JsonElement value, JsonObject part, Type type, Type inner, string path)
    {
        Type concrete = type.IsInterface ? type.IsGenericType ? typeof(Dictionary<,>).MakeGenericType(typeof(string), inner) : typeof(Hashtable) : type;
        var table = (IDictionary)Activator.CreateInstance(concrete)!;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            object? made = Make(member.Value, part["additionalProperties"] as JsonObject, Step(path, member.Name));
            table[member.Name] = inner == typeof(object) ? made : ReadDecimal(member.Value, inner) ?? LanguagePrimitives.ConvertTo(made, inner, CultureInfo.InvariantCulture);
        }

        return table;
    }

    private string? ReadText(JsonElement value, string path)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            _faults.Add(new AnswerFault(path, "The text is not valid Unicode"));
            return null;
        }
    }

    /// <summary>A decimal number with all its digits, which a double would round; null for any other type or value.</summary>
    private static decimal? ReadDecimal(JsonElement value, Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) == typeof(decimal) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal exact) ? exact : null;

    private static object MakeNumber(JsonElement value)
    {
        if (value.TryGetInt64(out long whole))
            return whole;
        string text = value.GetRawText();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
            return BigInteger.Parse(text, CultureInfo.InvariantCulture);
        return value.GetDouble();
    }

    private static JsonObject? ItemOf(JsonObject? part, int index) =>
        part?["prefixItems"] is JsonArray first && index < first.Count ? first[index] as JsonObject : part?["items"] as JsonObject;

    private static string Step(string path, string name) => $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
