using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Net;
using System.Numerics;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KiroPool.Schemas;

/// <summary>A property of a class and its JSON form.</summary>
/// <param name="Name">Its JSON name.</param>
/// <param name="Property">The property.</param>
/// <param name="IsOptional">Whether it may be missing or null.</param>
internal readonly record struct ClassMember(string Name, PropertyInfo Property, bool IsOptional);

/// <summary>Makes schemas from .NET types and PowerShell classes.</summary>
/// <param name="types">Receives the type of each part of the schema.</param>
internal sealed class SchemaTypes(Dictionary<JsonNode, Type> types)
{
    private const int MostLevels = 32;

    private static readonly HashSet<Type> Integers =
        [typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(BigInteger)];

    private static readonly HashSet<Type> Numbers = [typeof(float), typeof(double), typeof(decimal)];

    private static readonly Dictionary<Type, string?> Texts = new()
    {
        [typeof(char)] = null,
        [typeof(DateTime)] = "date-time",
        [typeof(DateTimeOffset)] = "date-time",
        [typeof(DateOnly)] = "date",
        [typeof(TimeOnly)] = "time",
        [typeof(TimeSpan)] = null,
        [typeof(Guid)] = "uuid",
        [typeof(Uri)] = "uri",
        [typeof(Version)] = null,
        [typeof(IPAddress)] = null,
        [typeof(System.Net.Mail.MailAddress)] = "email",
    };

    private readonly List<Type> _open = [];
    private readonly Dictionary<Type, string> _recursive = [];
    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>The referenced parts, for <c>$defs</c>.</summary>
    public JsonObject Definitions { get; } = [];

    /// <exception cref="SchemaException">The type has no JSON form.</exception>
    public JsonObject Read(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return OrNull(Read(inner));
        if (type == typeof(object))
            return [];
        if (type == typeof(string))
            return Of("string");
        if (type == typeof(bool) || type == typeof(SwitchParameter))
            return Typed(Of("boolean"), type);
        if (Integers.Contains(type))
            return Typed(Of("integer"), type);
        if (Numbers.Contains(type))
            return Typed(Of("number"), type);
        if (type.IsEnum)
            return Typed(new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)name)]) }, type);
        if (Texts.TryGetValue(type, out string? format))
            return Typed(TextOf(type, format), type);
        if (ItemOf(type) is { } item)
            return Typed(new JsonObject { ["type"] = "array", ["items"] = Read(item) }, type);
        if (type == typeof(Array) || type == typeof(ArrayList))
            return Typed(Of("array"), type);
        if (ValueOf(type) is { } value)
            return Typed(value == typeof(object) ? Of("object") : new JsonObject { ["type"] = "object", ["additionalProperties"] = Read(value) }, type);

        // [pscustomobject] and [psobject] are the same to PowerShell.
        if (type == typeof(PSObject) || type == typeof(PSCustomObject))
            return Of("object");
        return ReadClass(type);
    }

    /// <summary>The same schema, with null allowed.</summary>
    public static JsonObject OrNull(JsonObject schema)
    {
        if (schema.Count == 0 || TakesNull(schema))
            return schema;
        if (schema["enum"] is JsonArray choices)
        {
            choices.Add(null);
        }
        else if (schema is { Count: 1 } && schema["type"] is JsonValue single)
        {
            schema["type"] = new JsonArray(single.GetValue<string>(), "null");
        }
        else
        {
            return new JsonObject { ["anyOf"] = new JsonArray(schema, Of("null")) };
        }

        return schema;
    }

    private static bool TakesNull(JsonObject schema) =>
        (schema["enum"] is JsonArray choices && choices.Any(choice => choice is null))
        || (schema["type"] is JsonArray names && names.Any(name => name?.ToString() == "null"))
        || (schema["anyOf"] is JsonArray others && others.Any(other => other is JsonObject one && one["type"]?.ToString() == "null"));

    /// <summary>The settable properties of a class.</summary>
    public IReadOnlyList<ClassMember> MembersOf(Type type) =>
    [
        .. from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
           where property is { CanRead: true, CanWrite: true } && property.SetMethod!.IsPublic && property.GetIndexParameters().Length == 0
              && !property.IsDefined(typeof(HiddenAttribute), inherit: true) && !property.IsDefined(typeof(JsonIgnoreAttribute), inherit: true)
           orderby property.MetadataToken
           select new ClassMember(property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? property.Name, property, IsOptional(property)),
    ];

    /// <summary>Whether values of a type are built from the properties of an object.</summary>
    public static bool IsClass(Type type) =>
        type.IsClass && type != typeof(string) && type != typeof(object) && type != typeof(PSObject) && type != typeof(PSCustomObject) && !Texts.ContainsKey(type) && ItemOf(type) is null && ValueOf(type) is null && type != typeof(Array) && type != typeof(ArrayList);

    private JsonObject ReadClass(Type type)
    {
        if (!IsClass(type) || type.IsAbstract || type.IsGenericTypeDefinition || typeof(Delegate).IsAssignableFrom(type) || type.GetConstructor(Type.EmptyTypes) is null)
            throw new SchemaException($"The type {type.FullName} has no JSON form. Use a class with settable properties and a constructor without parameters, or a type that about_KiroPool_Schemas lists.");
        if (_open.Contains(type))
        {
            _recursive.TryAdd(type, type.Name);
            return new JsonObject { ["$ref"] = $"#/$defs/{type.Name}" };
        }

        if (_open.Count == MostLevels)
            throw new SchemaException($"The type {_open[0].FullName} is nested more than {MostLevels} levels deep.");
        _open.Add(type);
        JsonObject schema = ReadMembers(type);
        _open.Remove(type);
        if (!_recursive.TryGetValue(type, out string? name))
            return schema;
        Definitions[name] = schema;
        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    private JsonObject ReadMembers(Type type)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (ClassMember member in MembersOf(type))
        {
            JsonObject part = Constrain(Read(member.Property.PropertyType), member.Property);
            properties[member.Name] = member.IsOptional ? OrNull(part) : part;
            if (!member.IsOptional)
                required.Add(member.Name);
        }

        if (properties.Count == 0)
            throw new SchemaException($"The type {type.FullName} has no settable properties, so an answer could contain nothing.");
        return Typed(new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false }, type);
    }

    /// <summary>The constraints of PowerShell's attributes on a property.</summary>
    private static JsonObject Constrain(JsonObject part, PropertyInfo property)
    {
        JsonObject target = part["type"]?.ToString() == "array" && part["items"] is JsonObject items ? items : part;
        if (property.GetCustomAttribute<ValidateSetAttribute>() is { } set)
        {
            target.Remove("type");
            target["enum"] = new JsonArray([.. set.ValidValues.Select(value => (JsonNode)value)]);
        }

        if (property.GetCustomAttribute<ValidateRangeAttribute>() is { MinRange: { } least, MaxRange: { } most })
        {
            target["minimum"] = JsonNode.Parse(LanguagePrimitives.ConvertTo<string>(least));
            target["maximum"] = JsonNode.Parse(LanguagePrimitives.ConvertTo<string>(most));
        }

        if (property.GetCustomAttribute<DescriptionAttribute>() is { Description.Length: > 0 } description)
            part["description"] = description.Description;
        return part;
    }

    private bool IsOptional(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null
        || (!property.PropertyType.IsValueType && _nullability.Create(property).WriteState == NullabilityState.Nullable);

    private JsonObject Typed(JsonObject schema, Type type)
    {
        types[schema] = type;
        return schema;
    }

    private static JsonObject Of(string name) => new() { ["type"] = name };

    private static JsonObject TextOf(Type type, string? format)
    {
        JsonObject text = Of("string");
        if (format is not null)
            text["format"] = format;
        if (type == typeof(TimeSpan))
            text["description"] = "[d.]hh:mm:ss";
        return text;
    }

    private static Type? ItemOf(Type type)
    {
        if (type.IsArray)
            return type.GetArrayRank() == 1 ? type.GetElementType() : throw new SchemaException($"The type {type.FullName} has no JSON form: only lists of one dimension do.");
        if (type == typeof(string) || ValueOf(type) is not null)
            return null;
        Type? list = type.IsInterface && type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>)
            ? type
            : type.GetInterfaces().FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        return list?.GetGenericArguments()[0];
    }

    /// <summary>The type of the values of a dictionary with names as keys; else null.</summary>
    public static Type? ValueOf(Type type)
    {
        Type? map = type.GetInterfaces().Append(type).FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IDictionary<,>));
        return map is not null && map.GetGenericArguments()[0] == typeof(string) ? map.GetGenericArguments()[1]
            : typeof(IDictionary).IsAssignableFrom(type) ? typeof(object)
            : null;
    }
}
