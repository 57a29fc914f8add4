using System.Globalization;
using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Formatting;

namespace KiroPool.Interactive;

/// <summary>The notes of a conversation.</summary>
internal static class ConversationTexts
{
    private const int Excerpt = 70;

    /// <summary>The agent, the model and the name of a session.</summary>
    public static string Describe(Session session)
    {
        string name = session.Name.Length > 0 ? $", session '{session.Name}'" : "";
        return $"{session.Agent ?? "the default agent"} ({session.Model ?? "default model"}){name}";
    }

    /// <summary>The time, the cost and the end of a turn.</summary>
    public static string Footer(PromptResult result)
    {
        var parts = new List<string> { Display.Time(result.Duration) };
        if (result.Credits is { } credits)
            parts.Add(Display.Credits(credits, CultureInfo.CurrentCulture));
        if (result.ContextPercent is { } percent)
            parts.Add(string.Create(CultureInfo.CurrentCulture, $"context {percent:0.#} % full"));
        if (result.StopReason != "end_turn")
            parts.Add($"stopped early ({result.StopReason})");
        return string.Join(" · ", parts);
    }

    /// <summary>The last turn of a session that already has some; null without one.</summary>
    public static string? Recap(Session session) => session.GetHistory() is [.., var last]
        ? $"{Count(session.Turns)} so far. The last one: {Display.Line(last.Prompt, Excerpt)} → {Display.Line(last.Text.Length > 0 ? last.Text : last.Outcome, Excerpt)}"
        : null;

    /// <summary>What the conversation was, on leaving it.</summary>
    public static string Total(Session session, int turns, decimal? spent, TimeSpan time)
    {
        string credits = spent is { } sum ? ", " + Display.Credits(sum, CultureInfo.CurrentCulture) : "";
        string stays = session.Name.Length > 0 ? $" The session '{session.Name}' stays: Enter-KiroSession {Quoted(session.Name)}" : "";
        return $"{Count(turns)}{credits}, {Display.Time(time)}.{stays}";
    }

    /// <summary>One line for each turn.</summary>
    public static IEnumerable<string> History(Session session) => session.GetHistory()
        .Select(turn => string.Create(CultureInfo.InvariantCulture, $"  {turn.Number,3} {Display.Line(turn.Prompt, Excerpt / 2)} → {Display.Line(turn.Text.Length > 0 ? turn.Text : turn.Outcome, Excerpt)}"));

    /// <summary>The turns as Markdown, as the agent sent them.</summary>
    public static string ToMarkdown(Session session)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Conversation with {TerminalText.Harmless(Describe(session))}").Append('\n');
        foreach (SessionTurn turn in session.GetHistory())
            text.Append(CultureInfo.InvariantCulture, $"\n## {turn.Number}. {turn.Time:u}\n\n{Quote(turn.Prompt)}\n\n{(turn.Text.Length > 0 ? turn.Text : $"({turn.Outcome}: {turn.Failure})")}").Append('\n');
        return text.ToString();
    }

    private static string Quote(string prompt) => "> " + prompt.ReplaceLineEndings("\n").Replace("\n", "\n> ", StringComparison.Ordinal);

    internal static string Count(int turns) => turns == 1 ? "1 turn" : string.Create(CultureInfo.CurrentCulture, $"{turns} turns");

    private static string Quoted(string name) => name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.') ? name : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
