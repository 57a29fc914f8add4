using System.Text;
using System.Text.Json;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Tests.Kiro;

public sealed class KiroMetadataTests
{
    [Theory]
    [InlineData("""{"contextUsagePercentage":12.5,"turnDurationMs":1500,"meteringUsage":[{"value":0.05,"unit":"credit"}]}""", 12.5, 0.05, 1500.0)]
    [InlineData("""{"meteringUsage":[{"unit":"CREDITS","value":"0.25"},{"value":1,"unit":"token"},{"value":0.5}]}""", null, 0.75, null)]
    [InlineData("""{"meteringUsage":[{"unit":"seconds","value":3},7,"x",[]],"contextUsagePercentage":"40"}""", 40.0, null, null)]
    [InlineData("""{"meteringUsage":null,"turnDurationMs":null,"more":{"turnDurationMs":9},"list":[{"value":1}]}""", null, null, null)]
    [InlineData("{}", null, null, null)]
    public void The_cost_of_a_turn_is_read_beside_unknown_members(string json, double? percent, double? credits, double? milliseconds)
    {
        KiroMetadata metadata = Read(json);

        Assert.Equal((percent, (decimal?)credits, milliseconds), (metadata.ContextPercent, metadata.Credits, metadata.TurnDurationMs));
    }

    [Theory]
    [InlineData("""{"turnDurationMs":"soon"}""")]
    [InlineData("""{"contextUsagePercentage":[1]}""")]
    [InlineData("""{"contextUsagePercentage":true}""")]
    [InlineData("""{"meteringUsage":[{"value":"12 credits"}]}""")]
    public void An_invalid_number_is_an_error(string json) => Assert.Throws<JsonException>(() => Read(json));

    /// <summary>JSON could not write such a number into a journal.</summary>
    [Theory]
    [InlineData("1e999")]
    [InlineData("-1")]
    public void An_impossible_share_of_the_context_is_none(string percent) =>
        Assert.Null(Read($$"""{"contextUsagePercentage":{{percent}}}""").ToMeter(null).ContextPercent);

    private static KiroMetadata Read(string json)
    {
        KiroMetadata metadata = default;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        Assert.True(reader.Read());
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            metadata.ReadMember(ref reader);
        Assert.Equal(JsonTokenType.EndObject, reader.TokenType);
        return metadata;
    }
}
