using System.Management.Automation.Host;
using System.Text;
using KiroPool.Engine.Prompting;
using KiroPool.Formatting;
using KiroPool.Interactive;

namespace KiroPool.Pipeline;

/// <summary>
/// The console as the place of streamed answers: one answer flows as it comes; of several, whole lines are shown with the
/// name of their prompt. Used on the pipeline thread.
/// </summary>
/// <param name="ui">The console.</param>
/// <param name="hasColours">Whether it shows colours.</param>
/// <param name="isSingle">Whether there is only one prompt.</param>
internal sealed class StreamedText(PSHostUserInterface ui, bool hasColours, bool isSingle)
{
    private readonly TurnView? _view = isSingle ? new TurnView(new HostConsole(ui, hasColours)) : null;
    private readonly Dictionary<int, StringBuilder> _lines = [];

    /// <summary>Shows a piece of an answer.</summary>
    public void Show(PromptRequest request, PromptUpdate update)
    {
        if (_view is not null)
        {
            _view.Show(update);
            return;
        }

        if (update.Kind == "Text")
            Append(request, update.Text);
        else if (update.Kind is "ToolCall" or "Content")
            WriteLine(request, Dim(Display.Line(update.ToString(), 200)));
    }

    /// <summary>Ends an answer with its header, which has become a footer.</summary>
    public void End(PromptResult result)
    {
        _view?.End();
        if (_lines.Remove(result.Index, out StringBuilder? rest) && rest.Length > 0)
            WriteLine(Label(result.Index, result.GetInput()), Display.Text(rest.ToString()));
        ui.WriteLine(Dim(ResultView.Header(System.Management.Automation.PSObject.AsPSObject(result))));
    }

    /// <summary>Ends an answer that broke off, before its error is written.</summary>
    public void EndLine(PromptRequest request)
    {
        _view?.End();
        if (_lines.Remove(request.Index, out StringBuilder? rest) && rest.Length > 0)
            WriteLine(request, Display.Text(rest.ToString()));
    }

    private void Append(PromptRequest request, string text)
    {
        if (!_lines.TryGetValue(request.Index, out StringBuilder? line))
            _lines.Add(request.Index, line = new StringBuilder());
        string all = line.Append(text).ToString();
        int end = all.LastIndexOf('\n');
        if (end < 0)
            return;
        foreach (string whole in all[..end].Split('\n'))
            WriteLine(request, Display.Text(whole.TrimEnd('\r')));
        line.Clear().Append(all, end + 1, all.Length - end - 1);
    }

    private void WriteLine(PromptRequest request, string text) => WriteLine(Label(request.Index, request.InputObject), text);

    private void WriteLine(string label, string text) => ui.WriteLine($"{Dim(label)} {text}");

    private static string Label(int index, object? input) => $"#{index}{(InputName.Of(input) is { } name ? $" {name}" : "")}:";

    private string Dim(string text) => hasColours ? $"\u001b[2m{text}\u001b[22m" : text;
}
