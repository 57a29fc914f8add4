using System.Text;

namespace KiroPool.Schemas;

/// <summary>The instruction about a schema for the agent. It is short, because every prompt pays for it.</summary>
internal static class SchemaWording
{
    /// <summary>The text before the schema. The last part of a prompt begins with it.</summary>
    public const string Opening = "Answer with one JSON value and nothing else: no words around it, no Markdown. It must fit this JSON Schema:";

    /// <summary>The instruction after the prompt.</summary>
    public static string Instruction(AnswerSchema schema) => $"{Opening}\n{schema.Json}";

    /// <summary>The reply to an answer that does not fit.</summary>
    public static string Repair(IEnumerable<AnswerFault> faults)
    {
        var text = new StringBuilder("Your answer does not fit the JSON Schema:");
        foreach (AnswerFault fault in faults)
            text.Append("\n- ").Append(fault);
        return text.Append("\nAnswer again with the whole corrected JSON value and nothing else.").ToString();
    }
}
