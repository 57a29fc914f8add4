using System.Management.Automation;
using KiroPool.Engine;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Pipeline;
using KiroPool.Schemas;

namespace KiroPool.Commands;

/// <content>Answers as objects, and what they may cost.</content>
public sealed partial class InvokeKiroPromptCommand
{
    private const int DefaultSchemaRetryCount = 2;

    private AnswerSchema? _schema;
    private SpendingLimit? _limit;

    /// <summary>
    /// The form of each answer: a table of properties with their types, a choice or a list, a JSON Schema as text, table or
    /// file, or a class. The result's Value is the object. See about_KiroPool_Schemas.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object? Schema { get; set; }

    /// <summary>With -Schema: writes the values themselves instead of results, a list one by one. The input is a hidden property InputObject of each.</summary>
    [Parameter]
    public SwitchParameter Expand { get; set; }

    /// <summary>With -Schema: how often an agent is told what is wrong with its answer and asked again, 0 to 100. Default 2.</summary>
    [Parameter]
    public int SchemaRetryCount { get; set; } = DefaultSchemaRetryCount;

    /// <summary>
    /// The most credits that all prompts of this command may cost. When the reported credits reach it, no further prompt is
    /// sent. Running prompts end normally.
    /// </summary>
    [Parameter]
    public decimal MaxCredits { get; set; }

    /// <summary>The same in money, in each currency that the agents report.</summary>
    [Parameter]
    public decimal MaxCost { get; set; }

    /// <summary>The same in tokens, of prompts and answers together.</summary>
    [Parameter]
    public long MaxTokens { get; set; }

    /// <summary>An invalid schema is an error before any prompt runs.</summary>
    private void ReadSchema()
    {
        if (Schema is null)
        {
            string? needy = Expand ? nameof(Expand) : MyInvocation.BoundParameters.ContainsKey(nameof(SchemaRetryCount)) ? nameof(SchemaRetryCount) : null;
            if (needy is not null)
                throw Terminate(KiroErrors.Create(KiroException.SchemaMissing(needy)));
            return;
        }

        try
        {
            _schema = SchemaReader.Read(Schema, SessionState);
        }
        catch (SchemaException e)
        {
            throw Terminate(KiroErrors.Create(KiroException.SchemaInvalid(Schema, e)));
        }

        AnswerInput.Register();
    }

    /// <summary>
    /// Reads the quota of the account, if the agents report it. A batch with a limit of credits waits for it; another batch
    /// starts at once.
    /// </summary>
    private void CheckQuota(AgentPool pool, PromptBatch batch)
    {
        if (!pool.ReportsUsage)
            return;
        decimal? most = MinOf(_limit!.MaxCredits, pool.SpendingLimit.MaxCredits);
        Task<string?> read = QuotaCheck.ReadAsync(pool, most, batch.Pump.Token);
        if (most is not null)
            batch.Pump.Wait(read);
        _ = TellAsync();

        async Task TellAsync()
        {
            if (await read.ConfigureAwait(false) is { } warning)
                batch.Pump.Post(RecordKind.Warning, warning);
        }
    }

    private static decimal? MinOf(decimal? one, decimal? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    private SpendingLimit ReadSpendingLimit()
    {
        if (SchemaRetryCount is < 0 or > 100)
            throw new ArgumentOutOfRangeException(nameof(SchemaRetryCount), SchemaRetryCount, $"SchemaRetryCount must be 0 to 100, but is {SchemaRetryCount}.");
        var limit = new SpendingLimit { MaxCredits = Given(nameof(MaxCredits), MaxCredits), MaxCost = Given(nameof(MaxCost), MaxCost), MaxTokens = Given(nameof(MaxTokens), MaxTokens) };
        limit.Validate();
        return limit;
    }
}
