namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// Seeds for random runs; a test's name shows its own. The usual ones are the same every time; with
/// <c>KIROPOOL_TESTS=full</c> there are more of them, and some are new each time.
/// </summary>
internal static class Seeds
{
    public static bool IsFullRun => Environment.GetEnvironmentVariable("KIROPOOL_TESTS") == "full";

    public static TheoryData<int> Take(int usual, int full) =>
    [
        .. Enumerable.Range(1, usual),
        .. IsFullRun ? Enumerable.Range(0, full).Select(_ => Random.Shared.Next()) : [],
    ];
}
