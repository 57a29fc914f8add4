using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KiroPool.Schemas;

/// <summary>A read schema: its JSON for the agent and the validator, and the types of its values.</summary>
internal sealed class AnswerSchema
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HostValidator.Schema _validator;

    /// <exception cref="SchemaException">The host's validator does not accept it.</exception>
    public AnswerSchema(JsonObject root, IReadOnlyDictionary<JsonNode, Type>? types = null)
    {
        Root = root;
        Types = types ?? new Dictionary<JsonNode, Type>();
        Json = root.ToJsonString(Readable);
        SchemaReferences.Check(root);
        _validator = HostValidator.Parse(Json);
    }

    public JsonObject Root { get; }

    /// <summary>The .NET type of a part of the schema. Parts are distinguished by reference.</summary>
    public IReadOnlyDictionary<JsonNode, Type> Types { get; }

    /// <summary>The schema as one line of JSON Schema.</summary>
    public string Json { get; }

    /// <summary>PowerShell classes run code of their runspace, which only the pipeline thread may do.</summary>
    public bool NeedsPipelineThread => Types.Values.Any(type => type.Assembly.IsDynamic);

    /// <summary>Whether a value is neither an object nor a list by this schema, so that it can stand in a text without brackets.</summary>
    public bool MayBeScalar => Root["type"] is not JsonValue type || type.GetValueKind() != JsonValueKind.String || type.GetValue<string>() is not ("object" or "array");

    /// <summary>The reasons why a value does not fit; empty if it fits.</summary>
    public IReadOnlyList<AnswerFault> Check(JsonElement value) => _validator.Check(value);

    /// <summary>The part of the schema that a local reference names.</summary>
    public JsonObject? Resolve(JsonObject? part)
    {
        for (int hops = 0; hops < 16 && part?["$ref"] is JsonValue reference; hops++)
            part = SchemaReferences.Find(Root, reference.GetValue<string>()) as JsonObject;
        return part;
    }
}
