using System.Globalization;
using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>The costs of several prompts together, as their agents reported them.</summary>
public sealed class Spending
{
    /// <summary>Credits; null if no agent reported any.</summary>
    public decimal? Credits { get; init; }

    /// <summary>Money by currency, such as USD.</summary>
    public IReadOnlyDictionary<string, decimal> Cost { get; init; } = new SortedDictionary<string, decimal>();

    /// <summary>Tokens sent to models; null if no agent reported any.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the models' answers; null if no agent reported any.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>The sums in one line; empty if no agent reported any.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Credits is { } credits)
            parts.Add(CreditsText(credits));
        foreach ((string currency, decimal cost) in Cost)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{cost:0.####} {currency}").TrimEnd());
        if ((InputTokens ?? OutputTokens) is not null)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{InputTokens ?? 0:N0} input and {OutputTokens ?? 0:N0} output tokens"));
        return string.Join(", ", parts);
    }

    /// <summary>A number of credits with its noun.</summary>
    internal static string CreditsText(decimal credits) => string.Create(CultureInfo.InvariantCulture, $"{credits:0.####} {(credits == 1 ? "credit" : "credits")}");
}

/// <summary>Sums the costs of turns. Thread-safe.</summary>
internal sealed class SpendingMeter
{
    private readonly object _gate = new();
    private readonly SortedDictionary<string, decimal> _cost = new(StringComparer.Ordinal);
    private decimal? _credits;
    private long? _input;
    private long? _output;

    public void Add(TurnMeter turn) => Add(turn.Credits, turn.Cost, turn.CostCurrency, turn.InputTokens, turn.OutputTokens);

    public void Add(decimal? credits, decimal? cost, string? currency, long? input, long? output)
    {
        lock (_gate)
        {
            if (credits is { } c)
                _credits = (_credits ?? 0) + c;
            if (cost is { } money)
                _cost[currency ?? ""] = _cost.GetValueOrDefault(currency ?? "") + money;
            if (input is { } sent)
                _input = (_input ?? 0) + sent;
            if (output is { } answered)
                _output = (_output ?? 0) + answered;
        }
    }

    public Spending Read()
    {
        lock (_gate)
            return new Spending { Credits = _credits, Cost = new SortedDictionary<string, decimal>(_cost, StringComparer.Ordinal), InputTokens = _input, OutputTokens = _output };
    }
}
