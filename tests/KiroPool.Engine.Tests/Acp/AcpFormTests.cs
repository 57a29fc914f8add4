using System.Text.Json;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>What of a question to the user can be shown, without an agent.</summary>
public sealed class AcpFormTests
{
    [Fact]
    public void A_form_with_too_many_fields_is_not_shown()
    {
        Assert.Equal(100, AcpForm.Read(Form(100))?.Fields.Count);
        Assert.Null(AcpForm.Read(Form(101)));

        static ElicitationQuestion Form(int count)
        {
            string fields = string.Join(',', Enumerable.Range(0, count).Select(i => $$""" "f{{i}}":{"type":"string"} """));
            return Question($$"""{"properties":{ {{fields}} } }""");
        }
    }

    [Fact]
    public void A_form_that_requires_a_field_it_does_not_describe_is_not_shown() =>
        Assert.Null(AcpForm.Read(Question("""{"required":["a","b"],"properties":{"a":{"type":"string"}}}""")));

    [Theory]
    [InlineData("5", "5")]
    [InlineData("11", null)]
    public void A_default_outside_its_own_range_is_not_proposed(string given, string? proposed)
    {
        FormRequest? form = AcpForm.Read(Question($$"""{"properties":{"a":{"type":"integer","maximum":10,"default":{{given}} } } }"""));

        Assert.Equal(proposed, Assert.Single(form!.Fields).Default);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_silence_of_an_agent_counts_again_after_its_form(bool handlerFails)
    {
        var clock = new FakeTimeProvider();
        var turn = new AcpTurn(null, PermissionDesk.Closed, clock)
        {
            FormHandler = (_, _) => handlerFails ? throw new InvalidOperationException("no screen") : Task.FromResult(new FormAnswer(FormAction.Accept)),
        };

        ElicitationReply reply = await AcpForm.AskAsync(turn, Question("""{"properties":{}}"""), CancellationToken.None);

        Assert.Equal(handlerFails ? "cancel" : "accept", reply.Action);
        long answered = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(answered, turn.LastSignAt);
    }

    private static ElicitationQuestion Question(string schema) =>
        new() { SessionId = "s", Mode = "form", RequestedSchema = JsonSerializer.Deserialize<JsonElement>(schema) };
}
