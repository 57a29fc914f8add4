using System.Runtime.CompilerServices;

namespace KiroPool.Engine.Diagnostics;

internal static class PoolLogExtensions
{
    public static void WriteDebug(this IPoolLog log, string message, int? processId = null) => log.Write(PoolEventLevel.Debug, message, processId);

    public static void WriteDebug(this IPoolLog log, [InterpolatedStringHandlerArgument(nameof(log))] LogMessage message, int? processId = null) =>
        log.Write(PoolEventLevel.Debug, message, processId);

    public static void WriteVerbose(this IPoolLog log, string message, int? processId = null) => log.Write(PoolEventLevel.Verbose, message, processId);

    public static void WriteVerbose(this IPoolLog log, [InterpolatedStringHandlerArgument(nameof(log))] LogMessage message, int? processId = null) =>
        log.Write(PoolEventLevel.Verbose, message, processId);

    private static void Write(this IPoolLog log, PoolEventLevel level, string message, int? processId)
    {
        if (log.IsEnabled)
            log.Write(new PoolEvent(level, message, processId));
    }

    private static void Write(this IPoolLog log, PoolEventLevel level, LogMessage message, int? processId)
    {
        if (message.IsWanted)
            log.Write(new PoolEvent(level, message.Take(), processId));
    }
}
