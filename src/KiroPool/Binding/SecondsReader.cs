namespace KiroPool.Binding;

/// <summary>Turns parameters in seconds into time spans.</summary>
internal static class SecondsReader
{
    /// <summary>Reads a limit.</summary>
    /// <param name="parameter">The parameter's name; it ends in Sec, which the error's id leaves out.</param>
    /// <param name="value">Seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, no number, or beyond what a timer can do.</exception>
    public static TimeSpan Read(string parameter, double value)
    {
        const double longest = 49 * 24 * 3600;
        return value is >= 0 and <= longest
            ? TimeSpan.FromSeconds(value)
            : throw new ArgumentOutOfRangeException(parameter[..^"Sec".Length], value, $"{parameter} must be 0 (none) to {longest:N0} seconds, but is {value}.");
    }
}
