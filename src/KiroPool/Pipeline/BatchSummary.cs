using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Prompting;
using KiroPool.Formatting;

namespace KiroPool;

/// <summary>
/// The summary of one <c>Invoke-KiroPrompt</c>, written at its end to the information stream with the tags KiroPool and
/// Summary.
/// </summary>
public sealed class BatchSummary
{
    private readonly object _gate = new();
    private readonly long _begunAt = Stopwatch.GetTimestamp();

    private readonly SpendingLimit _limit;

    internal BatchSummary(SpendingLimit limit) => _limit = limit;

    /// <summary>The number of completed prompts.</summary>
    public int Completed { get; private set; }

    /// <summary>The number of inputs that ended as an error.</summary>
    public int Failed { get; private set; }

    /// <summary>The number of both that came from the journal without a run.</summary>
    public int FromJournal { get; private set; }

    /// <summary>The number of blank inputs, which were not sent with -Prompt. The other counts exclude them.</summary>
    public int Skipped { get; private set; }

    /// <summary>The credits of the others; null if the agent did not report them.</summary>
    public decimal? Credits => Spending.Credits;

    /// <summary>The costs of the others, as reported by the agents: credits, money by currency, and tokens.</summary>
    public Spending Spending => _limit.Spent;

    /// <summary>The duration of the invocation.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>The summary as a sentence.</summary>
    public override string ToString()
    {
        string spent = Spending.ToString() is { Length: > 0 } sums ? $", {sums}" : "";
        string earlier = FromJournal > 0 ? string.Create(CultureInfo.InvariantCulture, $", {FromJournal} of them in an earlier run") : "";
        string skipped = Skipped > 0 ? $"; {Amount.Of(Skipped, "blank input was", "blank inputs were")} skipped" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Amount.Of(Completed, "prompt")} completed and {Failed} failed in {Duration.TotalSeconds:0.0} s{spent}{earlier}{skipped}.");
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
