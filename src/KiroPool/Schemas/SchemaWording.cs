using System.Text;

namespace KiroPool.Schemas;

/// <summary>What an agent is told about a schema. Short, for it is paid for with every prompt.</summary>
internal static class SchemaWording
{
    /// <summary>What stands before the schema. The last part of a prompt begins with it.</summary>
    public const string Opening = "Answer with one JSON value and nothing else: no words around it, no Markdown. It must fit this JSON Schema:";

    /// <summary>The instruction that goes behind the prompt.</summary>
    public static string Instruction(AnswerSchema schema) => $"{Opening}\n{schema.Json}";

    /// <summary>What is said to an answer that does not fit.</summary>
    public static string Repair(IEnumerable<AnswerFault> faults)
    {
        var text = new StringBuilder("Your answer does not fit the JSON Schema:");
        foreach (AnswerFault fault in faults)
            text.Append("\n- ").Append(fault);
        return text.Append("\nAnswer again with the whole corrected JSON value and nothing else.").ToString();
    }
}
