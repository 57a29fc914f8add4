using System.Diagnostics;
using System.Globalization;

namespace KiroPool;

/// <summary>
/// The summary of one <c>Invoke-KiroPrompt</c>, written at its end to the information stream with the tags KiroPool and
/// Summary.
/// </summary>
public sealed class BatchSummary
{
    private readonly object _gate = new();
    private readonly long _begunAt = Stopwatch.GetTimestamp();

    internal BatchSummary()
    {
    }

    /// <summary>The number of completed prompts.</summary>
    public int Completed { get; private set; }

    /// <summary>The number of inputs that ended as an error.</summary>
    public int Failed { get; private set; }

    /// <summary>The number of both that came from the journal without a run.</summary>
    public int FromJournal { get; private set; }

    /// <summary>The number of blank inputs, which were not sent with -Prompt. The other counts exclude them.</summary>
    public int Skipped { get; private set; }

    /// <summary>The credits of the others; null if the agent did not report them.</summary>
    public decimal? Credits { get; private set; }

    /// <summary>The duration of the invocation.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>The summary as a sentence.</summary>
    public override string ToString()
    {
        string credits = Credits is { } sum ? string.Create(CultureInfo.InvariantCulture, $", {sum:0.####} credits") : "";
        string earlier = FromJournal > 0 ? string.Create(CultureInfo.InvariantCulture, $", {FromJournal} of them in an earlier run") : "";
        string skipped = Skipped > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {Skipped} blank inputs were skipped") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Completed} prompts completed and {Failed} failed in {Duration.TotalSeconds:0.0} s{credits}{earlier}{skipped}.");
    }

    internal void Count(PromptResult result)
    {
        lock (_gate)
        {
            if (result.Outcome == nameof(PromptOutcome.Completed))
                Completed++;
            else
                Failed++;
            if (result.FromJournal)
                FromJournal++;
            else if (result.Credits is { } credits)
                Credits = (Credits ?? 0) + credits;
        }
    }

    internal void CountFailure()
    {
        lock (_gate)
            Failed++;
    }

    internal void CountSkipped(int count)
    {
        lock (_gate)
            Skipped += count;
    }

    internal void End() => Duration = Stopwatch.GetElapsedTime(_begunAt);
}
