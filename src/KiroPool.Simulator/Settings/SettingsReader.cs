using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>Sets the properties of a settings object that a JSON object names.</summary>
/// <remarks>
/// Every test starts agents, and JsonSerializer would compile converters for all settings in each of them: 0.2 s of
/// processor time. Only the settings that are present cost something here.
/// </remarks>
internal static class SettingsReader
{
    private const string WholeAssembly = "A native build keeps everything of this assembly (CompileNative.targets).";

    /// <exception cref="SettingsException">A member is no setting, or has a value of another kind.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = WholeAssembly)]
    public static void Fill(object settings, JsonElement json, string path = "")
    {
        Type type = settings.GetType();
        if (json.ValueKind != JsonValueKind.Object)
            throw Wrong(path, json, type);

        foreach (JsonProperty member in json.EnumerateObject())
        {
            string name = member.Name.Length == 0 ? "" : char.ToUpperInvariant(member.Name[0]) + member.Name[1..];
            string place = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (type.GetProperty(name) is not { CanWrite: true } property)
                throw new SettingsException($"\"{place}\" is no setting");
            property.SetValue(settings, IsNull(member.Value, property) ? null : Value(member.Value, property.PropertyType, place));
        }
    }

    private static bool IsNull(JsonElement json, PropertyInfo property) =>
        json.ValueKind == JsonValueKind.Null && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;

    private static object Value(JsonElement json, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        object? value = (json.ValueKind, Type.GetTypeCode(type)) switch
        {
            (JsonValueKind.String, _) when type.IsEnum => EnumValue(json.GetString()!, type),
            (_, _) when type.IsEnum => null,
            (JsonValueKind.True or JsonValueKind.False, TypeCode.Boolean) => json.GetBoolean(),
            (JsonValueKind.Number, TypeCode.Int32) => json.TryGetInt32(out int number) ? number : null,
            (JsonValueKind.Number, TypeCode.Int64) => json.TryGetInt64(out long number) ? number : null,
            (JsonValueKind.Number, TypeCode.Double) => json.GetDouble(),
            (JsonValueKind.String, TypeCode.String) => json.GetString(),
            (JsonValueKind.Array, TypeCode.Object) when type.IsArray => Items(json, type, path),
            (JsonValueKind.Object, TypeCode.Object) when !type.IsArray => Section(json, type, path),
            _ => null,
        };
        return value ?? throw Wrong(path, json, type);
    }

    private static Array Items(JsonElement json, Type type, string path)
    {
        Array items = Array.CreateInstanceFromArrayType(type, json.GetArrayLength());
        for (int i = 0; i < items.Length; i++)
            items.SetValue(Value(json[i], type.GetElementType()!, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")), i);
        return items;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = WholeAssembly)]
    private static object Section(JsonElement json, Type type, string path)
    {
        object section = Activator.CreateInstance(type)!;
        Fill(section, json, path);
        return section;
    }

    // "session/new" is SessionNew, and "set_mode" is SetMode.
    private static object? EnumValue(string text, Type type)
    {
        string wanted = text.Replace("/", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Names(type).FirstOrDefault(name => name.Equals(wanted, StringComparison.OrdinalIgnoreCase)) is { } known ? Enum.Parse(type, known) : null;
    }

    // A fault without a point or a kind has Missing there, which is no value to write.
    private static IEnumerable<string> Names(Type type) => Enum.GetNames(type).Where(name => name != nameof(FaultKind.Missing));

    private static SettingsException Wrong(string path, JsonElement json, Type type) =>
        new($"{(path.Length == 0 ? "the settings" : $"\"{path}\"")}: {json.GetRawText()} is no {(type.IsEnum ? string.Join(" or ", Names(type)) : type.Name)}");
}
