namespace KiroPool.Binding;

/// <summary>Converts parameters in seconds to time spans.</summary>
internal static class SecondsReader
{
    /// <summary>Reads a limit.</summary>
    /// <param name="parameter">The name of the parameter. It ends in Sec, which the error id omits.</param>
    /// <param name="value">Seconds.</param>
    /// <param name="zeroIsNone">Whether 0 means no limit; otherwise 0 is out of range.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, not a number, or too large for a timer.</exception>
    public static TimeSpan Read(string parameter, double value, bool zeroIsNone = true)
    {
        const double longest = 49 * 24 * 3600;
        if (value is > 0 and <= longest || (value == 0 && zeroIsNone))
            return TimeSpan.FromSeconds(value);
        string range = zeroIsNone ? $"0 (none) to {longest:N0} seconds" : $"more than 0 and at most {longest:N0} seconds";
        throw new ArgumentOutOfRangeException(parameter[..^"Sec".Length], value, $"{parameter} must be {range}, but is {value}.");
    }
}
