using System.Globalization;
using KiroPool.Engine.Statistics;

namespace KiroPool.Formatting;

/// <summary>What a pool is busy with, in a few words for a progress bar.</summary>
internal static class PoolWords
{
    private const string Resuming = "resuming the conversation";

    /// <summary>What delays a prompt of a conversation that has no agent yet.</summary>
    public static string ForTurn(PoolActivity pool) => pool.Resuming > 0 ? Resuming : "waiting for an agent";

    /// <summary>What delays the prompts of a batch; empty if nothing does.</summary>
    public static string Brakes(PoolActivity pool)
    {
        string starting = pool.Starting > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {pool.Starting} starting") : "";
        string throttled = pool.ThrottledUntil is { } until ? $"; throttled until {Clock(until)}" : "";
        string paused = pool.StartsPausedUntil is { } later ? $"; no starts until {Clock(later)}" : "";
        string resuming = pool.Resuming > 0 ? $"; {Resuming}" : "";
        return $"{starting}{resuming}{throttled}{paused}{(pool.IsStopped ? "; the pool is draining" : "")}";
    }

    /// <summary>What a command waits for that needs an agent.</summary>
    public static string ForAgent(PoolActivity pool)
    {
        string what = pool.Resuming > 0 ? Resuming : pool.Starting > 0 ? "starting an agent" : pool.Running > 0 && pool.Idle == 0 ? "all agents are busy" : "starting the conversation";
        string throttled = pool.ThrottledUntil is { } until ? $"; throttled until {Clock(until)}" : "";
        string paused = pool.StartsPausedUntil is { } later ? $"; no starts until {Clock(later)}" : "";
        return $"{what}{throttled}{paused}";
    }

    /// <summary>What a stop waits for.</summary>
    public static string ForStop(PoolActivity pool) =>
        pool.Running + pool.Waiting > 0
            ? string.Create(CultureInfo.InvariantCulture, $"draining: {pool.Running} running, {pool.Waiting} queued")
            : string.Create(CultureInfo.InvariantCulture, $"ending {pool.Starting + pool.Idle + pool.Stopping} processes");

    private static string Clock(DateTimeOffset time) => time.ToLocalTime().ToString("T", CultureInfo.CurrentCulture);
}
