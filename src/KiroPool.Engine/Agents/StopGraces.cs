namespace KiroPool.Engine.Agents;

/// <summary>The waits between the steps of the stop ladder: close stdin, SIGTERM, SIGKILL.</summary>
/// <param name="AfterInputClosed">From closing stdin to SIGTERM.</param>
/// <param name="AfterTerminate">From SIGTERM to SIGKILL.</param>
public readonly record struct StopGraces(TimeSpan AfterInputClosed, TimeSpan AfterTerminate)
{
    /// <summary>SIGKILL at once.</summary>
    public static StopGraces None => default;
}
