using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>One turn of a session, as <c>Get-KiroSession -History</c> shows it.</summary>
public sealed class SessionTurn
{
    /// <summary>Its number in the session, from 1. Turns dropped from the bounded history still count.</summary>
    public int Number { get; internal set; }

    /// <summary>When the prompt was queued.</summary>
    public DateTimeOffset Time { get; internal set; }

    /// <summary>The prompt as given.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>The answer, or its partial text.</summary>
    public string Text { get; init; } = "";

    /// <summary>Completed, Failed, Cancelled, TimedOut or Indeterminate.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>The time from being queued to the outcome.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary><see cref="Duration"/> in seconds, for Measure-Object and tables.</summary>
    public double Seconds => Elapsed.InSeconds(Duration);

    /// <summary>The reason why it did not complete; null if it did.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether it completed with an answer: text, content or a used tool.</summary>
    internal bool IsAnswered { get; init; }

    /// <summary>The number, the outcome and the prompt.</summary>
    public override string ToString() => $"{Number} {Outcome}: {Prompt}";
}
