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
        if (Prompts.Enabled)
            Prompts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (Wait.Enabled)
            Wait.Record(wait.TotalSeconds);
        if (turn is { } time && Turn.Enabled)
            Turn.Record(time.TotalSeconds);
    }

    public static void ProcessEvent(string what)
    {
        if (Processes.Enabled)
            Processes.Add(1, new KeyValuePair<string, object?>("event", what));
    }
}
