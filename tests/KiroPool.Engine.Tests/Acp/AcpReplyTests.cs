using System.Text.Json;
using KiroPool.Engine.Acp;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>Odd values in the messages of agents.</summary>
public sealed class AcpReplyTests
{
    [Theory]
    [InlineData(50.0, 200.0, 25.0)]
    [InlineData(50.0, 0.0, null)]
    [InlineData(50.0, null, null)]
    [InlineData(null, 200.0, null)]
    public void The_context_is_full_by_a_share_of_a_known_size(double? used, double? size, double? percent) =>
        Assert.Equal(percent, new UsageMessage(used, size, null).Percent);

    [Theory]
    [InlineData("""{"structuredOutput":{"a":1}}""", """{"a":1}""")]
    [InlineData("""{"structuredOutput":null}""", null)]
    [InlineData("[]", null)]
    public void An_answer_as_JSON_is_whatever_is_not_null(string meta, string? answer) =>
        Assert.Equal(answer, new PromptReply { Meta = JsonSerializer.Deserialize<JsonElement>(meta) }.StructuredOutput);
}
