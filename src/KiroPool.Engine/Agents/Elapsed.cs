namespace KiroPool.Engine.Agents;

/// <summary>Durations as numbers, for Measure-Object and tables.</summary>
internal static class Elapsed
{
    /// <summary>A duration in seconds; 0 for a negative one.</summary>
    public static double InSeconds(TimeSpan time) => time > TimeSpan.Zero ? time.TotalSeconds : 0;
}
