using System.Diagnostics.Metrics;

namespace KiroPool.Engine.Diagnostics;

/// <summary>The instruments of the meter <c>KiroPool</c> (System.Diagnostics.Metrics). They cost nothing without a listener.</summary>
internal static class PoolMetrics
{
    private static readonly Meter Meter = new("KiroPool");
    private static readonly Counter<long> Prompts = Meter.CreateCounter<long>("kiropool.prompts", "{prompt}", "Prompts, by outcome.");
    private static readonly Counter<long> Processes = Meter.CreateCounter<long>("kiropool.processes", "{process}", "Agent processes, by fate.");
    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("kiropool.wait", "s", "Time a prompt waited for an agent.");
    private static readonly Histogram<double> Turn = Meter.CreateHistogram<double>("kiropool.turn", "s", "Time an agent took to answer.");

    public static void PromptEnded(string outcome, TimeSpan wait, TimeSpan? turn)
    {
        Count(Prompts, "outcome", outcome);
        Record(Wait, wait);
        if (turn is { } time)
            Record(Turn, time);
    }

    public static void ProcessEvent(string what) => Count(Processes, "event", what);

    private static void Count(Counter<long> counter, string by, string value)
    {
        if (!counter.Enabled)
            return;
        try
        {
            counter.Add(1, new KeyValuePair<string, object?>(by, value));
        }
        catch (Exception)
        {
            // A listener is foreign code. Its fault must not end what the pool is doing.
        }
    }

    /// <inheritdoc cref="Count"/>
    private static void Record(Histogram<double> histogram, TimeSpan time)
    {
        if (!histogram.Enabled)
            return;
        try
        {
            histogram.Record(time.TotalSeconds);
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
