using System.Globalization;
using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>Texts of the views of results, turns and tools. Public only for KiroPool.Format.ps1xml. Text of an agent is shown harmless.</summary>
public static class ResultView
{
    // A wait that a reader would notice.
    private const double LongWait = 0.5;

    /// <summary>The header of an answer: number, input, model, the time of the turn, a long wait, cost, repeats.</summary>
    /// <param name="result">A result or its copy.</param>
    public static string Header(PSObject result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string input = InputName.OfResult(result) is { } name ? $" {name}" : "";
        var parts = new List<string> { $"#{result.Text("Index")}{input}" };
        if (result.Text("Outcome") is not nameof(PromptOutcome.Completed) and var outcome)
            parts.Add(outcome);
        if (result.Text("Model") is { Length: > 0 } model)
            parts.Add(Display.Line(model, 60));
        parts.Add(TurnTime(result));
        if (result.Number("WaitSeconds") >= LongWait)
            parts.Add($"waited {WaitTime(result)}");
        if (result.Read("Credits") is decimal credits)
            parts.Add(Display.Credits(credits, CultureInfo.InvariantCulture));
        if (result.Number("Attempts") > 1)
            parts.Add($"{result.Text("Attempts")} attempts");
        return string.Join(" · ", parts);
    }

    /// <summary>What a result is about: its input, else the first words of its prompt.</summary>
    /// <param name="result">A result or its copy.</param>
    /// <param name="length">The largest number of characters.</param>
    public static string Input(PSObject result, int length)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Display.Line(InputName.OfResult(result) ?? result.Text("Prompt"), length);
    }

    /// <summary>The time of the turn without the wait.</summary>
    /// <param name="result">A result or its copy.</param>
    public static string TurnTime(PSObject result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Display.Time(TimeSpan.FromSeconds(result.Number("TurnSeconds")));
    }

    /// <summary>The wait for an agent and its session; empty if there was none to speak of.</summary>
    /// <param name="result">A result or its copy.</param>
    public static string WaitTime(PSObject result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Number("WaitSeconds") is >= 0.05 and var seconds ? Display.Time(TimeSpan.FromSeconds(seconds)) : "";
    }

    /// <summary>A tool call in one line: kind, title, status and decision.</summary>
    /// <param name="call">A tool call or its copy.</param>
    public static string Tool(PSObject call)
    {
        ArgumentNullException.ThrowIfNull(call);
        string decision = call.Text("Permission") is { Length: > 0 } permission ? $", {permission.ToLowerInvariant()} by {call.Text("DecidedBy")}" : "";
        return Display.Line($"{call.Text("Kind")}: {call.Text("Title")} ({call.Text("Status")}{decision})", 200);
    }
}
