namespace KiroPool.Benchmarks.Running;

/// <summary>One topic: measurements that form one section of docs/benchmarks.md.</summary>
internal abstract class Benchmark
{
    /// <summary>Names the topic on the command line and its markers in the page.</summary>
    public abstract string Name { get; }

    /// <summary>Measures, side by side.</summary>
    public abstract Task<Section> RunAsync(Effort effort);
}

/// <summary>The length of a measurement.</summary>
/// <param name="Rounds">The number of rounds.</param>
/// <param name="Scale">The divisor of the amounts in a quick run.</param>
internal sealed record Effort(int Rounds, int Scale)
{
    public static Effort Full { get; } = new(9, 1);

    /// <summary>Enough to check that everything works, not enough to quote.</summary>
    public static Effort Quick { get; } = new(3, 10);

    public bool IsQuick => Scale > 1;

    /// <summary>An amount, reduced in a quick run.</summary>
    public int Of(int amount) => Math.Max(1, amount / Scale);
}

/// <summary>The results of a topic.</summary>
internal sealed class Section
{
    public List<Table> Tables { get; } = [];

    public List<Budget> Budgets { get; } = [];

    /// <summary>The skipped measurements, with reasons.</summary>
    public List<string> Notes { get; } = [];

    public Table AddTable(string title, params string[] columns)
    {
        var table = new Table(title, columns);
        Tables.Add(table);
        return table;
    }
}

/// <summary>A limit of the design, and the measured figure.</summary>
/// <param name="What">What is limited.</param>
/// <param name="Limit">The limit, in words.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="IsMet">Whether it is within the limit.</param>
internal sealed record Budget(string What, string Limit, string Figure, bool IsMet);
