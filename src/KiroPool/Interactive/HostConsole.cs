using System.Collections.ObjectModel;
using System.Management.Automation.Host;

namespace KiroPool.Interactive;

/// <summary>A conversation on the input and output of any host. The host reads the lines, and its Ctrl+C ends the conversation.</summary>
/// <param name="ui">The host.</param>
/// <param name="hasColours">Whether it shows colours.</param>
internal sealed class HostConsole(PSHostUserInterface ui, bool hasColours = false) : IConversationConsole
{
    public int Width => ui.RawUI?.BufferSize.Width is > 0 and var width ? width : 80;

    public bool HasColours => hasColours;

    public string? Read(string prompt, Func<string, IReadOnlyList<string>> complete)
    {
        ui.Write(prompt);
        return ui.ReadLine();
    }

    public void Write(string text, TextLook look = TextLook.Plain) => ui.Write(hasColours && look == TextLook.Dim ? $"\u001b[2m{text}\u001b[22m" : text);

    public void ShowWaiting(string what, TimeSpan since)
    {
        // This output could not be erased, so there is none.
    }

    public bool TakeCancel() => false;

    public char? Choose(string question, IReadOnlyList<(char Key, string Label)> choices, Func<bool> isOver)
    {
        var all = new Collection<ChoiceDescription>([.. choices.Select(choice => new ChoiceDescription(Mark(choice.Label, choice.Key), choice.Label))]);

        // No default, because an accidental Enter must not allow a tool.
        int chosen = ui.PromptForChoice("", question, all, -1);
        return chosen >= 0 && chosen < choices.Count && !isOver() ? choices[chosen].Key : null;
    }

    public string? Ask(string label, Func<bool> isOver)
    {
        ui.Write(label);
        return ui.ReadLine() is { } line && !isOver() ? line : null;
    }

    public void Clear()
    {
    }

    public void Dispose()
    {
    }

    /// <summary>Inserts the shortcut sign before its letter.</summary>
    private static string Mark(string label, char key)
    {
        int at = label.IndexOf(key, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? $"&{key} {label}" : label.Insert(at, "&");
    }
}
