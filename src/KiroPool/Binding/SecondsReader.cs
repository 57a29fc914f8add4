using System.Globalization;

namespace KiroPool.Binding;

/// <summary>Converts parameters in seconds to time spans.</summary>
internal static class SecondsReader
{
    // What timers can do. Less than the shortest would become 0, which means no limit.
    private const double Shortest = 0.001;
    private const double Longest = 49 * 24 * 3600;

    /// <summary>Reads a limit.</summary>
    /// <param name="parameter">The name of the parameter. It ends in Sec, which the error id omits.</param>
    /// <param name="value">Seconds.</param>
    /// <param name="zeroIsNone">Whether 0 means no limit; otherwise 0 is out of range.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, not a number, or too large for a timer.</exception>
    public static TimeSpan Read(string parameter, double value, bool zeroIsNone = true)
    {
        if (value is >= Shortest and <= Longest || (value == 0 && zeroIsNone))
            return TimeSpan.FromSeconds(value);
        string message = string.Create(CultureInfo.InvariantCulture, $"{parameter} must be {(zeroIsNone ? "0 (none), or " : "")}{Shortest} to {Longest:N0} seconds, but is {value}.");
        throw new ArgumentOutOfRangeException(parameter[..^"Sec".Length], value, message);
    }
}
