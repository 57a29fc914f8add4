using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>
/// Kiro's <c>_kiro.dev/metadata</c>: the cost of a turn and the used share of the context. It comes with every turn, so
/// it is read without allocating objects. Numbers may come as strings.
/// </summary>
internal struct KiroMetadata
{
    public double? ContextPercent { get; private set; }

    public decimal? Credits { get; private set; }

    public double? TurnDurationMs { get; private set; }

    /// <summary>The tokens of the turn, which only some versions report.</summary>
    public double? InputTokens { get; private set; }

    /// <inheritdoc cref="InputTokens"/>
    public double? OutputTokens { get; private set; }

    /// <inheritdoc cref="InputTokens"/>
    public double? CachedTokens { get; private set; }

    /// <summary>Reads all of it.</summary>
    /// <exception cref="JsonException">It is of another shape.</exception>
    public static KiroMetadata Read(ReadOnlySpan<byte> json)
    {
        KiroMetadata metadata = default;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            metadata.ReadMember(ref reader);
        return metadata;
    }

    /// <summary>The cost of the turn so far. Credits of several messages are added.</summary>
    public readonly TurnMeter ToMeter(decimal? creditsBefore) => new()
    {
        ContextPercent = TurnMeter.Percent(ContextPercent),
        AgentTime = TurnMeter.Milliseconds(TurnDurationMs),
        Credits = Credits is { } credits ? (creditsBefore ?? 0) + credits : null,
        InputTokens = TurnMeter.Count(InputTokens),
        OutputTokens = TurnMeter.Count(OutputTokens),
        CachedReadTokens = TurnMeter.Count(CachedTokens),
    };

    /// <summary>Reads one member. The reader is at its name and moves to the end of its value.</summary>
    /// <exception cref="JsonException">The member has another shape.</exception>
    public void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("contextUsagePercentage"u8))
            ContextPercent = ReadNumber(ref reader);
        else if (reader.ValueTextEquals("turnDurationMs"u8))
            TurnDurationMs = ReadNumber(ref reader);
        else if (reader.ValueTextEquals("inputTokens"u8))
            InputTokens = ReadNumber(ref reader);
        else if (reader.ValueTextEquals("outputTokens"u8))
            OutputTokens = ReadNumber(ref reader);
        else if (reader.ValueTextEquals("cachedTokens"u8))
            CachedTokens = ReadNumber(ref reader);
        else if (reader.ValueTextEquals("meteringUsage"u8))
            ReadUsages(ref reader);
        else
            reader.Skip();
    }

    private void ReadUsages(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadUsage(ref reader);
            else
                reader.Skip();
        }
    }

    /// <summary>Reads <c>{value, unit}</c>. Units other than credits are ignored.</summary>
    private void ReadUsage(ref Utf8JsonReader reader)
    {
        double? value = null;
        bool isCredit = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("value"u8))
            {
                value = ReadNumber(ref reader);
            }
            else if (reader.ValueTextEquals("unit"u8))
            {
                reader.Read();
                isCredit = reader.TokenType != JsonTokenType.String || IsCredit(reader.ValueSpan);
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        if (TurnMeter.Amount(value) is { } credits && isCredit)
            Credits = (Credits ?? 0) + credits;
    }

    private static bool IsCredit(ReadOnlySpan<byte> unit) => unit.Length >= 6 && Ascii.EqualsIgnoreCase(unit[..6], "credit"u8);

    private static double? ReadNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                return reader.GetDouble();
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String when Utf8Parser.TryParse(reader.ValueSpan, out double number, out int used) && used == reader.ValueSpan.Length:
                return number;
            default:
                throw new JsonException("A number was expected.");
        }
    }
}
