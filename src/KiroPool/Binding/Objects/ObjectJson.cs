using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KiroPool.Binding.Objects;

/// <summary>
/// Writes an object as JSON with the level count of ConvertTo-Json, but only with visible properties, with enums by name,
/// and with nested .NET objects as text.
/// </summary>
internal sealed class ObjectJson(int depth, ObjectViews views)
{
    /// <summary>Escapes only what JSON requires, to keep the text readable for models.</summary>
    public static JsonSerializerOptions Readable { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int MostTextOfList = 1000;

    private BoundedBytes? _output;

    /// <summary>Whether a deeper level was written as text.</summary>
    public bool WasCut { get; private set; }

    public void Write(BoundedBytes output, PSObject value)
    {
        _output = output;
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = Readable.Encoder, MaxDepth = 1000, SkipValidation = true });
        Write(writer, value, level: 0, isWhole: true);
        writer.Flush();
    }

    /// <param name="writer">The target.</param>
    /// <param name="value">Any value.</param>
    /// <param name="level">Its nesting level.</param>
    /// <param name="isWhole">Whether it is the input itself, or an element of an input list.</param>
    private void Write(Utf8JsonWriter writer, object? value, int level, bool isWhole)
    {
        object? bare = value is PSObject { BaseObject: not PSCustomObject and var inner } ? inner : value;
        if (bare is null or DBNull || bare == System.Management.Automation.Internal.AutomationNull.Value)
            writer.WriteNullValue();
        else if (bare is bool truth)
            writer.WriteBooleanValue(truth);
        else if (NumberOf(bare) is { } number)
            writer.WriteRawValue(number, skipInputValidation: true);
        else if (bare is JsonElement { ValueKind: not JsonValueKind.Undefined } json)
            json.WriteTo(writer);
        else
            WriteObject(writer, PSObject.AsPSObject(value!), level, isWhole);

        // Otherwise the writer would buffer all of it first.
        if (writer.BytesPending > 16 * 1024)
            writer.Flush();
    }

    private void WriteObject(Utf8JsonWriter writer, PSObject value, int level, bool isWhole)
    {
        if (ObjectText.Plain(value) is { } text)
            WriteText(writer, text);
        else if (value.BaseObject is IDictionary or IEnumerable<KeyValuePair<string, object?>>)
            Nested(writer, value, level, () => WriteProperties(writer, Entries(value.BaseObject), level));
        else if (value.BaseObject is IEnumerable list)
            Nested(writer, value, level, () => WriteList(writer, list, level, isWhole));
        else if (isWhole || value.BaseObject is PSCustomObject || OwnText(value) is not { } own)
            Nested(writer, value, level, () => WriteProperties(writer, views.Of(value).Read(value).Where(one => !IsSecret(value, one.Name)), level));
        else
            WriteText(writer, own);
    }

    /// <summary>Writes a string. The writer would make six characters of each half of a 😀, and a copy of a large one before it refuses it.</summary>
    private void WriteText(Utf8JsonWriter writer, string text)
    {
        if (text.Length > _output!.Most)
            _output.Count(Encoding.UTF8.GetByteCount(text) + 2);
        else if (text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0)
            writer.WriteStringValue(text);
        else
            writer.WriteRawValue(Quote(text), skipInputValidation: true);
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\')
                quoted.Append('\\').Append((char)rune.Value);
            else if (rune.Value < ' ')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                quoted.Append(rune);
        }

        return quoted.Append('"').ToString();
    }

    private void Nested(Utf8JsonWriter writer, PSObject value, int level, Action write)
    {
        if (level <= depth)
        {
            write();
            return;
        }

        WasCut = true;
        WriteText(writer, value.BaseObject is IEnumerable list and not IDictionary ? TextOf(list) : value.ToString());
    }

    private void WriteProperties(Utf8JsonWriter writer, IEnumerable<(string Name, object? Value)> properties, int level)
    {
        writer.WriteStartObject();
        foreach ((string name, object? value) in properties)
        {
            writer.WritePropertyName(name);
            Write(writer, value, level + 1, isWhole: false);
        }

        writer.WriteEndObject();
    }

    private void WriteList(Utf8JsonWriter writer, IEnumerable list, int level, bool isWhole)
    {
        writer.WriteStartArray();
        foreach (object? element in list)
            Write(writer, element, level + 1, isWhole);
        writer.WriteEndArray();
    }

    /// <summary>The entries of a dictionary; those of a hashtable, which has no order, by their keys, so that equal ones are equal texts.</summary>
    private static IEnumerable<(string Name, object? Value)> Entries(object dictionary)
    {
        IEnumerable<(string Name, object? Value)> entries = dictionary is IDictionary table
            ? table.Cast<DictionaryEntry>().Select(entry => (LanguagePrimitives.ConvertTo<string>(entry.Key), entry.Value))
            : ((IEnumerable<KeyValuePair<string, object?>>)dictionary).Select(entry => (entry.Key, entry.Value));
        return dictionary is Hashtable ? entries.OrderBy(entry => entry.Item1, StringComparer.Ordinal) : entries;
    }

    private static string? NumberOf(object value) => value switch
    {
        double number => double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : null,
        float number => float.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : null,
        char or Enum => null,
        decimal or BigInteger => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>The text of an object; null if it is only its type name.</summary>
    private static string? OwnText(PSObject value)
    {
        string? text = value.ToString();
        return string.IsNullOrEmpty(text) || text == value.BaseObject.GetType().ToString() ? null : text;
    }

    /// <summary>The elements of a list in one line, joined as in PowerShell; a long list is cut.</summary>
    private static string TextOf(IEnumerable list)
    {
        var text = new StringBuilder();
        foreach (object? element in list)
        {
            text.Append(text.Length > 0 ? " " : "").Append(element);
            if (text.Length > MostTextOfList)
                return text.Append(" …").ToString();
        }

        return text.ToString();
    }

    private static bool IsSecret(PSObject owner, string property) =>
        owner.BaseObject is System.Net.NetworkCredential && property.Contains("Password", StringComparison.OrdinalIgnoreCase);
}
