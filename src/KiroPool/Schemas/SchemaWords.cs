using System.Collections.Frozen;

namespace KiroPool.Schemas;

/// <summary>The keywords of JSON Schema, which distinguish it from a table of PowerShell types.</summary>
internal static class SchemaWords
{
    private static readonly FrozenSet<string> TypeNames =
        FrozenSet.ToFrozenSet(["object", "array", "string", "number", "integer", "boolean", "null"], StringComparer.Ordinal);

    // Draft 2020-12, and the older names of earlier drafts.
    private static readonly FrozenSet<string> Keywords = FrozenSet.ToFrozenSet(
        [
            "$schema", "$id", "$ref", "$defs", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment", "$vocabulary", "definitions", "$recursiveRef", "$recursiveAnchor",
            "type", "enum", "const", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType", "contentSchema",
            "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties",
            "items", "prefixItems", "additionalItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems",
            "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
            "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
        ],
        StringComparer.Ordinal);

    public static bool IsTypeName(string word) => TypeNames.Contains(word);

    public static bool IsKeyword(string word) => Keywords.Contains(word);
}
