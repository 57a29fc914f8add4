namespace KiroPool;

/// <summary>One turn of a session, as <c>Get-KiroSession -History</c> shows it.</summary>
public sealed class SessionTurn
{
    /// <summary>Its place in the session, from 1; turns that went out of the bounded history keep theirs.</summary>
    public int Number { get; init; }

    /// <summary>When the prompt was queued.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The prompt as it was given.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>The answer, or what had come of it.</summary>
    public string Text { get; init; } = "";

    /// <summary>Completed, Failed, Cancelled, TimedOut or Indeterminate.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>From being queued to the outcome.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Why it did not complete; null if it did.</summary>
    public string? Failure { get; init; }

    /// <summary>The number, the outcome and the prompt.</summary>
    public override string ToString() => $"{Number} {Outcome}: {Prompt}";
}
