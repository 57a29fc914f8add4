using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using KiroPool.Binding;
using KiroPool.Errors;

namespace KiroPool.Schemas;

/// <summary>Reads the value of -Schema: a table in PowerShell's words, JSON Schema as text, table or file, or a class.</summary>
internal static class SchemaReader
{
    /// <exception cref="SchemaException">It is not a schema.</exception>
    public static AnswerSchema Read(object? given, SessionState session)
    {
        switch (SchemaValues.Unwrap(given))
        {
            case null:
                throw new SchemaException("The schema is $null.");
            case string text when text.TrimStart().StartsWith('{'):
                return ReadText(text, "The schema");
            case string type when type.StartsWith('[') && type.EndsWith(']') && !type.Contains('"'):
                throw new SchemaException($"'{type}' is text. A type stands in parentheses: -Schema ({type}).");
            case string path:
                return ReadFile(session.ResolveFile(path), path);
            case FileInfo file:
                return ReadFile(file.FullName, file.FullName);
            case IDictionary table when SchemaTable.IsJsonSchema(table):
                return new AnswerSchema(SchemaValues.ToJson(table, "") as JsonObject ?? []);
            case PSObject copy when SchemaTable.IsJsonSchema(SchemaValues.ToTable(copy)):
                return new AnswerSchema(SchemaValues.ToJson(copy, "") as JsonObject ?? []);
            case Type or IDictionary or PSObject or Array or IList:
                return SchemaTable.Read(given!);
            case { } other:
                throw new SchemaException($"A value of type {other.GetType().FullName} is not a schema. -Schema accepts a table, a JSON Schema as text or file, or a class.");
        }
    }

    private static AnswerSchema ReadFile(string? full, string path)
    {
        if (!File.Exists(full))
            throw new SchemaException($"'{path}' is neither JSON that begins with '{{' nor a file that exists.");
        try
        {
            return ReadText(PromptFile.ReadText(full), $"The file '{path}'");
        }
        catch (KiroException e)
        {
            throw new SchemaException(e.Message, e);
        }
    }

    private static AnswerSchema ReadText(string text, string what)
    {
        try
        {
            if (JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) is not JsonObject schema)
                throw new SchemaException($"{what} is not a JSON Schema: it must be an object.");
            return schema.Any(member => SchemaWords.IsKeyword(member.Key))
                ? new AnswerSchema(schema)
                : throw new SchemaException($"{what} has no keyword of JSON Schema, such as \"type\" or \"properties\", so any answer would fit.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new SchemaException($"{what} is not JSON: {e.Message}", e);
        }
    }
}
