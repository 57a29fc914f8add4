namespace KiroPool.Binding;

/// <summary>Turns parameters in seconds into time spans.</summary>
internal static class SecondsReader
{
    /// <summary>Reads a limit.</summary>
    /// <param name="parameter">The parameter's name; it ends in Sec, which the error's id leaves out.</param>
    /// <param name="value">Seconds.</param>
    /// <param name="zeroIsNone">Whether 0 stands for no limit; else it is out of range.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, no number, or beyond what a timer can do.</exception>
    public static TimeSpan Read(string parameter, double value, bool zeroIsNone = true)
    {
        const double longest = 49 * 24 * 3600;
        if (value is > 0 and <= longest || (value == 0 && zeroIsNone))
            return TimeSpan.FromSeconds(value);
        string range = zeroIsNone ? $"0 (none) to {longest:N0} seconds" : $"more than 0 and at most {longest:N0} seconds";
        throw new ArgumentOutOfRangeException(parameter[..^"Sec".Length], value, $"{parameter} must be {range}, but is {value}.");
    }
}
