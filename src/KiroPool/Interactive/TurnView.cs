using System.Text;
using KiroPool.Formatting;

namespace KiroPool.Interactive;

/// <summary>Shows a turn as it comes: the answer as it is, thoughts and tools dim and short.</summary>
internal sealed class TurnView(IConversationConsole console)
{
    private readonly StringBuilder _thought = new();
    private readonly Dictionary<string, string> _tools = [];
    private bool _isAtLineStart = true;

    /// <summary>Whether anything was shown yet.</summary>
    public bool HasBegun { get; private set; }

    public void Show(PromptUpdate update)
    {
        if (update.Kind == "Thought")
        {
            // Shown as one line when it is over; a model thinks in many pieces.
            if (_thought.Length < 400)
                _thought.Append(update.Text);
            return;
        }

        EndThought();
        switch (update.Kind)
        {
            case "Text":
                Write(update.Text, TextLook.Plain);
                break;
            case "ToolCall" when update.ToolCall is { } call:
                ShowTool(call);
                break;
            case "Plan":
                Note("plan: " + string.Join(", ", update.Plan.Select(step => step.ToString())));
                break;
            case "Mode":
                Note($"agent: {update.Mode}");
                break;
        }
    }

    /// <summary>A dim line of its own.</summary>
    public void Note(string text)
    {
        EndThought();
        EndLine();
        Write($"  {Display.Line(text, Math.Max(console.Width - 3, 20))}{Environment.NewLine}", TextLook.Dim);
    }

    /// <summary>Ends what is unfinished, so that the next output begins a line.</summary>
    public void End()
    {
        EndThought();
        EndLine();
    }

    private void ShowTool(ToolCall call)
    {
        // Once when it begins, and again when it ends otherwise than well.
        string says = call.Permission == "Rejected" ? "rejected" : call.Status == "failed" ? "failed" : "";
        if (_tools.TryGetValue(call.Id, out string? said) && (said == says || says.Length == 0))
            return;
        _tools[call.Id] = says;
        Note($"{call.Kind}: {call.Title}{(says.Length > 0 ? $" ({says})" : "")}");
    }

    private void EndThought()
    {
        if (_thought.Length == 0)
            return;
        string thought = _thought.ToString();
        _thought.Clear();
        Note($"thinking: {thought}");
    }

    private void EndLine()
    {
        if (!_isAtLineStart)
            Write(Environment.NewLine, TextLook.Plain);
    }

    private void Write(string text, TextLook look)
    {
        if (text.Length == 0)
            return;
        HasBegun = true;
        console.Write(Harmless(text), look);
        _isAtLineStart = text[^1] == '\n';
    }

    /// <summary>Without control characters: an agent's text must not steer the terminal.</summary>
    internal static string Harmless(string text) =>
        text.Any(IsHarmful) ? string.Concat(text.Where(c => !IsHarmful(c))) : text;

    private static bool IsHarmful(char c) => char.IsControl(c) && c is not ('\n' or '\t');
}
