namespace KiroPool.Schemas;

/// <summary>What was given as a schema is none, or none that answers can be checked by.</summary>
internal sealed class SchemaException(string message, Exception? inner = null) : Exception(message, inner);
