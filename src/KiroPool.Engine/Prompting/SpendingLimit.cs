using System.Globalization;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Prompting;

/// <summary>
/// The limits of what prompts may cost together. They hold for reported costs: once these reach a limit, no further turn is
/// sent. Turns that run at that time end normally, so the sum can exceed the limit by their cost.
/// </summary>
public sealed class SpendingLimit
{
    /// <summary>The end of the message about a prompt that was never sent.</summary>
    internal const string NotSent = " The prompt was not sent.";

    private readonly SpendingMeter _spent = new();

    /// <summary>The most credits; null for no limit.</summary>
    public decimal? MaxCredits { get; init; }

    /// <summary>The most money, in each currency that agents report; null for no limit.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>The most tokens, of prompts and answers together; null for no limit.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>Whether there is a limit.</summary>
    public bool IsSet => MaxCredits is not null || MaxCost is not null || MaxTokens is not null;

    /// <summary>The costs reported so far.</summary>
    public Spending Spent => _spent.Read();

    /// <summary>Checks the limits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is 0 or less, so that nothing could be sent. No limit is null.</exception>
    public void Validate()
    {
        Check(nameof(MaxCredits), MaxCredits);
        Check(nameof(MaxCost), MaxCost);
        Check(nameof(MaxTokens), MaxTokens);

        static void Check(string name, decimal? value)
        {
            if (value <= 0)
                throw new ArgumentOutOfRangeException(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} must be more than 0, but is {value}."));
        }
    }

    /// <summary>The limits that cannot hold because the result does not report their values, for example MaxCost.</summary>
    /// <param name="result">The result of a prompt that was sent.</param>
    public IReadOnlyList<string> FindUnreported(PromptResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var names = new List<string>();
        if (MaxCredits is not null && result.Credits is null)
            names.Add(nameof(MaxCredits));
        if (MaxCost is not null && result.Cost is null)
            names.Add(nameof(MaxCost));
        if (MaxTokens is not null && result.InputTokens is null && result.OutputTokens is null)
            names.Add(nameof(MaxTokens));
        return names;
    }

    internal void Add(TurnMeter turn) => _spent.Add(turn);

    /// <summary>The reason why no further turn may be sent; null if one may.</summary>
    internal AgentException? WhyReached()
    {
        if (!IsSet)
            return null;
        Spending spent = Spent;
        if (spent.Credits >= MaxCredits)
            return Reached(nameof(MaxCredits), MaxCredits!.Value, $"{Spending.CreditsText(spent.Credits!.Value)}");
        foreach ((string currency, decimal cost) in spent.Cost)
        {
            if (cost >= MaxCost)
                return Reached(nameof(MaxCost), MaxCost!.Value, $"{cost:0.####}{(currency.Length == 0 ? "" : " ")}{currency}");
        }

        long? tokens = (spent.InputTokens ?? spent.OutputTokens) is null ? null : (spent.InputTokens ?? 0) + (spent.OutputTokens ?? 0);
        return tokens >= MaxTokens ? Reached(nameof(MaxTokens), MaxTokens!.Value, $"{tokens:N0} {(tokens == 1 ? "token" : "tokens")}") : null;
    }

    private static AgentException Reached(string name, decimal limit, FormattableString spent) =>
        new(FailureKind.BudgetExceeded, $"The budget is spent: agents have reported {spent.ToString(CultureInfo.InvariantCulture)}, and -{name} is {limit.ToString("0.####", CultureInfo.InvariantCulture)}.{NotSent}") { Value = limit };
}
