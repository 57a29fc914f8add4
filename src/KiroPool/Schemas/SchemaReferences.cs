using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KiroPool.Schemas;

/// <summary>
/// Checks references and patterns inside a schema. Nothing is fetched: every target must be in the schema itself. A wrong
/// pattern is found here, because the library of PowerShell 7.4 finds it only with the first text.
/// </summary>
internal static class SchemaReferences
{
    /// <exception cref="SchemaException">A reference has no target, or one outside the schema; or a pattern is not a regular expression.</exception>
    public static void Check(JsonObject root) => Check(root, root);

    /// <summary>The target of a reference of the form <c>#/…</c>; null if there is none.</summary>
    public static JsonNode? Find(JsonObject root, string reference)
    {
        if (reference == "#")
            return root;
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
            return null;
        JsonNode? part = root;
        foreach (string step in reference[2..].Split('/'))
        {
            string name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            part = part switch
            {
                JsonObject table => table[name],
                JsonArray list when int.TryParse(name, out int index) && index >= 0 && index < list.Count => list[index],
                _ => null,
            };
        }

        return part;
    }

    private static void Check(JsonNode? part, JsonObject root)
    {
        switch (part)
        {
            case JsonObject table:
                if (table["$ref"] is JsonValue reference && reference.GetValueKind() == JsonValueKind.String)
                    Check(reference.GetValue<string>(), root);
                if (table["pattern"] is JsonValue pattern && pattern.GetValueKind() == JsonValueKind.String)
                    CheckPattern(pattern.GetValue<string>());
                if (table["patternProperties"] is JsonObject patterns)
                {
                    foreach ((string name, _) in patterns)
                        CheckPattern(name);
                }

                foreach ((string name, JsonNode? inner) in table)
                {
                    // Their content is data, not schema.
                    if (name is not ("const" or "enum" or "default" or "examples"))
                        Check(inner, root);
                }

                break;
            case JsonArray list:
                foreach (JsonNode? inner in list)
                    Check(inner, root);
                break;
        }
    }

    private static void Check(string reference, JsonObject root)
    {
        bool isPointer = reference is "#" || reference.StartsWith("#/", StringComparison.Ordinal);
        if (isPointer && Find(root, reference) is null)
            throw new SchemaException($"The schema refers to '{reference}', which is not in it.");
        if (!isPointer && !reference.StartsWith('#') && root["$id"] is null && !HasInnerId(root))
            throw new SchemaException($"The schema refers to '{reference}'. References to other documents are not followed. Put that part under $defs and refer to it as '#/$defs/name'.");
    }

    private static void CheckPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.ECMAScript);
        }
        catch (ArgumentException)
        {
            try
            {
                // Lookbehinds and Unicode classes exist only in the other mode.
                _ = new Regex(pattern);
            }
            catch (ArgumentException e)
            {
                throw new SchemaException($"The pattern '{pattern}' of the schema is not a regular expression: {e.Message}", e);
            }
        }
    }

    private static bool HasInnerId(JsonNode? part) => part switch
    {
        JsonObject table => table.Any(member => member.Key == "$id" || HasInnerId(member.Value)),
        JsonArray list => list.Any(HasInnerId),
        _ => false,
    };
}
