using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Formatting;

namespace KiroPool.Interactive;

/// <summary>Shows a turn while it runs: the answer unchanged, thoughts and tools dim and short.</summary>
internal sealed class TurnView(IConversationConsole console)
{
    private readonly TerminalText _answer = new(console.HasColours);
    private readonly MarkdownLines _markdown = new(console.HasColours, console.Cells, () => console.Width);
    private readonly StringBuilder _thought = new();
    private readonly Dictionary<string, string> _tools = [];
    private bool _isAtLineStart = true;

    /// <summary>Whether the next output starts a line.</summary>
    public bool IsAtLineStart => _isAtLineStart;

    /// <summary>Whether any output was shown.</summary>
    public bool HasBegun { get; private set; }

    public void Show(PromptUpdate update)
    {
        if (update.Kind == "Thought")
        {
            // A thought has many pieces. It is shown as one line when it ends.
            if (_thought.Length < 400)
                _thought.Append(update.Text);
            return;
        }

        EndThought();
        switch (update.Kind)
        {
            case "Text":
                HasBegun = true;
                Write(_markdown.Append(_answer.Append(update.Text)), TextLook.Plain);
                break;
            case "ToolCall" when update.ToolCall is { } call:
                ShowTool(call);
                break;
            case "Content":
                Note(update.ToString());
                break;
            case "Plan":
                Note("plan: " + string.Join(", ", update.Plan.Select(step => step.ToString())));
                break;
            case "Mode":
                Note($"agent: {update.Mode}");
                break;
        }
    }

    /// <summary>Writes a separate dim line.</summary>
    public void Note(string text)
    {
        End();
        Write($"  {Display.Line(text, Math.Max(console.Width - 3, 20))}{Environment.NewLine}", TextLook.Dim);
    }

    /// <summary>Ends an unfinished line, so that the next output starts a line.</summary>
    public void End()
    {
        EndThought();
        Write(_markdown.Append(_answer.Complete()) + _markdown.Complete(), TextLook.Plain);
        if (!_isAtLineStart)
            Write(Environment.NewLine, TextLook.Plain);
    }

    private void ShowTool(ToolCall call)
    {
        // Shown once at its start, and again if it fails or is rejected.
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

    private void Write(string text, TextLook look)
    {
        if (text.Length == 0)
            return;
        HasBegun = true;
        console.Write(text, look);

        // The end of a colour takes no place.
        if (TerminalText.Harmless(text) is { Length: > 0 } shown)
            _isAtLineStart = shown[^1] == '\n';
    }
}
