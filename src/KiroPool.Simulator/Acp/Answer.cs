using System.Globalization;
using System.Text;

namespace KiroPool.Simulator;

/// <summary>The text an agent answers with.</summary>
internal static class Answer
{
    public static string To(PromptContent prompt, AcpSession session)
    {
        if (prompt.IsCommand)
            return RunCommand(prompt.Text.Trim(), session);
        if (SchemaAnswer.To(prompt, session) is { } bySchema)
            return bySchema;
        if (prompt.Text.Trim() == "history")
            return History(session);
        return prompt.Attachments.Count == 0
            ? "You said: " + prompt.Text
            : string.Join('\n', ["You said: " + prompt.Text, .. prompt.Attachments]);
    }

    /// <summary>Fills up with ASCII to so many bytes of UTF-8. Longer text stays whole.</summary>
    public static string Pad(string text, int bytes)
    {
        int missing = bytes - Encoding.UTF8.GetByteCount(text);
        return missing <= 0 ? text : text + new string('x', missing);
    }

    /// <summary>Where piece <paramref name="index"/> of <paramref name="count"/> begins: never inside a surrogate pair.</summary>
    public static int Boundary(string text, int index, int count)
    {
        int position = (int)((long)text.Length * index / count);
        bool insidePair = position > 0 && position < text.Length
            && char.IsLowSurrogate(text[position]) && char.IsHighSurrogate(text[position - 1]);
        return insidePair ? position + 1 : position;
    }

    private static string RunCommand(string text, AcpSession session)
    {
        string name = text.Split((char[]?)null, 2)[0];
        return name == "/usage"
            ? string.Create(CultureInfo.InvariantCulture, $"Credits used: {session.CreditsUsed:0.00}")
            : $"Unknown command: {name}";
    }

    private static string History(AcpSession session)
    {
        if (session.History.Count == 0)
            return "No earlier prompts.";
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{session.History.Count} earlier prompt{(session.History.Count == 1 ? "" : "s")}:");
        foreach (Exchange exchange in session.History)
            text.Append('\n').Append(exchange.Prompt.ReplaceLineEndings(" "));
        return text.ToString();
    }
}
