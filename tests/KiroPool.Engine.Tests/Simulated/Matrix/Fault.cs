namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>One fault of the simulator, in the shape of its settings.</summary>
internal sealed record Fault(string At, string Do)
{
    public int? After { get; init; }

    public int? Times { get; init; }

    public bool? EveryProcess { get; init; }

    public string? State { get; init; }

    public int? Ms { get; init; }

    public int? Bytes { get; init; }

    public string? Match { get; init; }
}
