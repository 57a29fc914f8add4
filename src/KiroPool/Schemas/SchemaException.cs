namespace KiroPool.Schemas;

/// <summary>A value that is not a usable schema.</summary>
internal sealed class SchemaException(string message, Exception? inner = null) : Exception(message, inner);
