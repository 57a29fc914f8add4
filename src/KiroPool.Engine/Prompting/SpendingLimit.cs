using System.Globalization;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Prompting;

/// <summary>
/// What prompts may cost together. It holds for what agents have reported: once that reaches a limit, no further turn is
/// sent. Turns that run then end as they would, so the sum can exceed the limit by what they cost.
/// </summary>
public sealed class SpendingLimit
{
    private readonly SpendingMeter _spent = new();

    /// <summary>The most credits; null for no limit.</summary>
    public decimal? MaxCredits { get; init; }

    /// <summary>The most money, in each currency an agent names; null for no limit.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>The most tokens, of prompts and answers together; null for no limit.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>Whether it limits anything.</summary>
    public bool IsSet => MaxCredits is not null || MaxCost is not null || MaxTokens is not null;

    /// <summary>What was reported so far.</summary>
    public Spending Spent => _spent.Read();

    /// <summary>Checks the limits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is 0 or less. Nothing could be sent then; null is what stands for no limit.</exception>
    public void Validate() => Validate(MaxCredits, MaxCost, MaxTokens);

    /// <summary>What a result does not report though it is limited, by the limit's name; null if nothing.</summary>
    /// <param name="result">What came of a prompt that was sent.</param>
    public string? FindUnreported(PromptResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return MaxCredits is not null && result.Credits is null ? nameof(MaxCredits)
            : MaxCost is not null && result.Cost is null ? nameof(MaxCost)
            : MaxTokens is not null && result.InputTokens is null && result.OutputTokens is null ? nameof(MaxTokens)
            : null;
    }

    internal static void Validate(decimal? credits, decimal? cost, long? tokens)
    {
        Check(nameof(MaxCredits), credits);
        Check(nameof(MaxCost), cost);
        Check(nameof(MaxTokens), tokens);

        static void Check(string name, decimal? value)
        {
            if (value <= 0)
                throw new ArgumentOutOfRangeException(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} must be more than 0, but is {value}."));
        }
    }

    internal void Add(TurnMeter turn) => _spent.Add(turn);

    /// <summary>Why nothing more may be sent; null when it may.</summary>
    internal AgentException? WhyReached()
    {
        if (!IsSet)
            return null;
        Spending spent = Spent;
        if (spent.Credits >= MaxCredits)
            return Reached(nameof(MaxCredits), MaxCredits!.Value, $"{spent.Credits:0.####} credits");
        foreach ((string currency, decimal cost) in spent.Cost)
        {
            if (cost >= MaxCost)
                return Reached(nameof(MaxCost), MaxCost!.Value, $"{cost:0.####}{(currency.Length == 0 ? "" : " ")}{currency}");
        }

        long? tokens = (spent.InputTokens ?? spent.OutputTokens) is null ? null : (spent.InputTokens ?? 0) + (spent.OutputTokens ?? 0);
        return tokens >= MaxTokens ? Reached(nameof(MaxTokens), MaxTokens!.Value, $"{tokens:N0} tokens") : null;
    }

    private static AgentException Reached(string name, decimal limit, FormattableString spent) =>
        new(FailureKind.BudgetExceeded, $"The prompt was not sent: {spent.ToString(CultureInfo.InvariantCulture)} are spent, and -{name} is {limit.ToString("0.####", CultureInfo.InvariantCulture)}.") { Value = limit };
}
