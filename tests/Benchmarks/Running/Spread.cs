using System.Globalization;

namespace KiroPool.Benchmarks.Running;

/// <summary>The middle of some figures, and where the middle half of them lies.</summary>
internal readonly record struct Spread(double Median, double Low, double High)
{
    public static Spread Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return new Spread(Quantile(sorted, 0.5), Quantile(sorted, 0.25), Quantile(sorted, 0.75));
    }

    public static double MedianOf(IEnumerable<double> figures) => Of(figures).Median;

    public string In(string unit, string format = "0.000") =>
        Low == High
            ? string.Create(CultureInfo.InvariantCulture, $"{Text(Median, format)} {unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{Text(Median, format)} ({Text(Low, format)}–{Text(High, format)}) {unit}");

    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static double Quantile(double[] sorted, double part)
    {
        if (sorted.Length == 0)
            return double.NaN;
        double position = part * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
