using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text.Json.Nodes;

namespace KiroPool.Schemas;

/// <summary>Makes a schema from PowerShell values: tables, types, choices and lists.</summary>
internal sealed class SchemaTable
{
    private const int MostLevels = 32;

    private readonly Dictionary<JsonNode, Type> _types = new(ReferenceEqualityComparer.Instance);
    private readonly SchemaTypes _classes;
    private int _level;

    private SchemaTable() => _classes = new SchemaTypes(_types);

    /// <exception cref="SchemaException">It is not a schema.</exception>
    public static AnswerSchema Read(object words)
    {
        var reader = new SchemaTable();
        JsonObject root = reader.ReadPart(words, "");
        if (reader._classes.Definitions.Count > 0)
            root["$defs"] = reader._classes.Definitions;
        return new AnswerSchema(root, reader._types);
    }

    /// <summary>Whether a table is JSON Schema itself: it names its dialect, or a type and only keywords.</summary>
    public static bool IsJsonSchema(IDictionary table) =>
        table.Contains("$schema")
        || (table.Contains("type") && SchemaValues.Unwrap(table["type"]) is { } type && AreTypeNames(type) && table.Keys.Cast<object>().All(key => SchemaWords.IsKeyword($"{key}")));

    private JsonObject ReadPart(object? words, string path)
    {
        if (_level == MostLevels)
            throw new SchemaException($"The schema is nested more than {MostLevels} levels deep{At(path)}.");
        _level++;
        JsonObject part = SchemaValues.Unwrap(words) switch
        {
            Type type => _classes.Read(type),
            IDictionary table => ReadTable(table, path),
            PSObject copy => ReadTable(SchemaValues.ToTable(copy), path),
            string or null => ReadChoice([words], path),
            IEnumerable list => ReadList([.. list.Cast<object?>()], path),
            { } literal when SchemaValues.IsLiteral(literal) => ReadChoice([literal], path),
            { } other => throw new SchemaException($"A value of type {other.GetType().FullName} is not part of a schema{At(path)}. Write a type, a literal, a list or a table."),
        };
        _level--;
        return part;
    }

    private JsonObject ReadTable(IDictionary table, string path)
    {
        if (IsJsonSchema(table))
            return SchemaValues.ToJson(table, path) as JsonObject ?? [];
        if (IsLongForm(table))
            return ReadLongForm(table, path);
        if (table.Count == 0)
            throw new SchemaException($"The schema has a table without properties{At(path)}. Add properties, or write [hashtable] to allow any.");

        var properties = new JsonObject();
        var required = new JsonArray();
        foreach ((string key, object? words) in SchemaValues.InOrder(table))
        {
            bool isOptional = key.EndsWith('?');
            string name = isOptional ? key[..^1] : key;
            if (string.IsNullOrWhiteSpace(name))
                throw new SchemaException($"The schema has a property without a name{At(path)}.");
            if (properties.ContainsKey(name))
                throw new SchemaException($"The schema has the property '{name}' twice{At(path)}.");
            JsonObject part = ReadPart(words, $"{path}/{name}");
            properties[name] = isOptional ? SchemaTypes.OrNull(part) : part;
            if (!isOptional)
                required.Add(name);
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false };
    }

    /// <summary>
    /// <c>@{ type = …; description = '…' }</c> describes one value. With 'type' alone it is a table with a property of that
    /// name.
    /// </summary>
    private static bool IsLongForm(IDictionary table) =>
        table.Contains("type")
        && table.Count > 1
        && table.Keys.Cast<object>().All(key => SchemaWords.IsKeyword($"{key}"))
        && table.Keys.Cast<object>().All(key => $"{key}" == "type" || SchemaValues.Unwrap(table[key]) is not (Type or IDictionary))
        && (!table.Contains("description") || SchemaValues.Unwrap(table["description"]) is string);

    private JsonObject ReadLongForm(IDictionary table, string path)
    {
        JsonObject part = ReadPart(table["type"], path);
        JsonObject described = part.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(part) } : part;
        foreach ((string key, object? value) in SchemaValues.InOrder(table))
        {
            if (key != "type")
                described[key] = SchemaValues.ToJson(value, $"{path}/{key}");
        }

        return described;
    }

    /// <summary>A single type means a list of it; several values are a choice.</summary>
    private JsonObject ReadList(object?[] items, string path)
    {
        switch (items)
        {
            case []:
                throw new SchemaException($"The schema has an empty list{At(path)}. Give the type of its items: @([string]).");
            case [var item] when !SchemaValues.IsLiteral(item):
                return new JsonObject { ["type"] = "array", ["items"] = ReadPart(item, $"{path}/0") };
            default:
                return ReadChoice(items, path);
        }
    }

    private JsonObject ReadChoice(object?[] items, string path)
    {
        object?[] literals = [.. items.Where(SchemaValues.IsLiteral)];
        if (literals.Length == 1 && items.Length == 1 && SchemaValues.Unwrap(items[0]) is string word && SchemaWords.IsTypeName(word))
            throw new SchemaException($"'{word}' would be the only allowed text{At(path)}. For any {word} write {TypeFor(word)}.");
        if (items is [null])
            throw new SchemaException($"The schema is $null{At(path)}. Write a type, for example [string], or a choice of values.");
        object?[] others = [.. items.Where(item => !SchemaValues.IsLiteral(item))];
        if (others.Length == 0)
            return new JsonObject { ["enum"] = new JsonArray([.. items.Select(item => SchemaValues.ToJson(item, path))]) };
        JsonObject[] parts = [.. others.Select((item, index) => ReadPart(item, $"{path}/{index}"))];
        bool takesNull = literals.Any(literal => literal is null);
        object?[] values = [.. literals.Where(literal => literal is not null)];
        if (parts is [var only] && values.Length == 0)
            return takesNull ? SchemaTypes.OrNull(only) : only;
        var anyOf = new JsonArray([.. parts]);
        if (values.Length > 0)
            anyOf.Add(new JsonObject { ["enum"] = new JsonArray([.. values.Select(value => SchemaValues.ToJson(value, path))]) });
        if (takesNull)
            anyOf.Add(new JsonObject { ["type"] = "null" });
        return new JsonObject { ["anyOf"] = anyOf };
    }

    private static bool AreTypeNames(object type) => type switch
    {
        string name => SchemaWords.IsTypeName(name),
        IEnumerable names => names.Cast<object?>().All(name => SchemaValues.Unwrap(name) is string word && SchemaWords.IsTypeName(word)) && names.Cast<object?>().Any(),
        _ => false,
    };

    private static string TypeFor(string word) => word switch
    {
        "integer" => "[int]",
        "number" => "[double]",
        "boolean" => "[bool]",
        "array" => "@([string])",
        "object" => "a table, or [hashtable]",
        "null" => "$null beside another value",
        _ => "[string]",
    };

    private static string At(string path) => path.Length == 0 ? "" : $" at {path}";
}

/// <summary>Converts PowerShell values for a schema.</summary>
internal static class SchemaValues
{
    private const int MostLevels = 64;

    public static object? Unwrap(object? value) => value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value;

    /// <summary>Whether it is a literal of a choice.</summary>
    public static bool IsLiteral(object? value) => Unwrap(value) is null or string or bool or char or Enum or decimal or BigInteger || Unwrap(value)!.GetType().IsPrimitive;

    /// <summary>An object made by PowerShell, as a table.</summary>
    public static IDictionary ToTable(PSObject copy)
    {
        var table = new System.Collections.Specialized.OrderedDictionary(StringComparer.Ordinal);
        foreach (PSPropertyInfo property in copy.Properties)
            table[property.Name] = property.Value;
        return table;
    }

    /// <summary>The entries in their own order if the table keeps one; else by name, so that the schema is always the same.</summary>
    public static IEnumerable<(string Key, object? Value)> InOrder(IDictionary table)
    {
        IEnumerable<DictionaryEntry> entries = table.Cast<DictionaryEntry>();
        if (table is Hashtable)
            entries = entries.OrderBy(entry => $"{entry.Key}", StringComparer.Ordinal);
        return entries.Select(entry => (LanguagePrimitives.ConvertTo<string>(entry.Key), entry.Value));
    }

    /// <summary>A literal value as JSON.</summary>
    /// <exception cref="SchemaException">It has no JSON form.</exception>
    public static JsonNode? ToJson(object? value, string path, int level = 0)
    {
        if (level == MostLevels)
            throw new SchemaException($"The schema is nested more than {MostLevels} levels deep at {path}.");
        switch (Unwrap(value))
        {
            case null:
                return null;
            case string text:
                return JsonValue.Create(text);
            case char letter:
                return JsonValue.Create($"{letter}");
            case bool truth:
                return JsonValue.Create(truth);
            case Enum name:
                return JsonValue.Create(name.ToString());
            case double or float:
                double number = Convert.ToDouble(Unwrap(value), CultureInfo.InvariantCulture);
                return double.IsFinite(number) ? JsonValue.Create(number) : throw new SchemaException($"The number {number} at {path} has no JSON form.");
            case IFormattable integer when IsLiteral(value):
                return JsonNode.Parse(integer.ToString(null, CultureInfo.InvariantCulture));
            case Type type:
                throw new SchemaException($"The type [{type.Name}] is among keywords of JSON Schema at {path}. Use either JSON Schema or PowerShell types in one table.");
            case IDictionary table:
                var made = new JsonObject();
                foreach ((string key, object? inner) in InOrder(table))
                    made[key] = ToJson(inner, $"{path}/{key}", level + 1);
                return made;
            case PSObject copy:
                return ToJson(ToTable(copy), path, level);
            case IEnumerable list:
                return new JsonArray([.. list.Cast<object?>().Select((inner, index) => ToJson(inner, $"{path}/{index}", level + 1))]);
            case { } other:
                throw new SchemaException($"A value of type {other.GetType().FullName} at {path} has no JSON form.");
        }
    }
}
