namespace KiroPool.Interactive;

/// <summary>Lets Ctrl+C at an empty line leave only when it is pressed again, because it destroys a conversation.</summary>
/// <param name="editor">Reads the lines.</param>
/// <param name="say">Shows a note.</param>
internal sealed class LeaveQuestion(LineEditor editor, Action<string> say)
{
    /// <summary>Reads a text; null if the user leaves.</summary>
    public string? Read(string prompt, Func<string, IReadOnlyList<string>> complete)
    {
        bool wasAsked = false;
        while (true)
        {
            string? text = editor.Read(prompt, complete);
            if (text is not null || !editor.WasInterrupted || wasAsked)
                return text;
            wasAsked = true;
            say("Press Ctrl+C again to leave.");
        }
    }
}
