namespace KiroPool.Benchmarks.Running;

/// <summary>
/// Measures variants in turn, round after round, so that other load on the machine affects all of them alike. Each round
/// starts with another variant.
/// </summary>
internal static class Rounds
{
    /// <returns>For each variant its figures, by round.</returns>
    public static async Task<double[][]> RunAsync(int rounds, params Func<Task<double>>[] variants)
    {
        double[][] figures = [.. variants.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < variants.Length; i++)
            {
                int variant = (round + i) % variants.Length;
                figures[variant][round] = await variants[variant]();
            }
        }

        return figures;
    }

    /// <summary>How much more one variant takes than another, compared within each round.</summary>
    public static Spread Difference(double[] figures, double[] floor) => Spread.Of(figures.Zip(floor, (figure, bare) => figure - bare));
}
