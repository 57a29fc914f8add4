using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Questions to the user (elicitation) of an agent on the official SDK, which checks the answers.</summary>
public sealed class FormTests
{
    private const string Schema = """
        {"type":"object","title":"Order","required":["name","size"],"properties":{
        "name":{"type":"string","title":"Your name","minLength":2},
        "size":{"type":"integer","minimum":1,"maximum":10},
        "price":{"type":"number"},
        "gift":{"type":"boolean","default":true},
        "colour":{"type":"string","oneOf":[{"const":"r","title":"red"},{"const":"b","title":"blue"}]},
        "extras":{"type":"array","items":{"type":"string","enum":["card","bow"]},"maxItems":1}}}
        """;

    [Fact]
    public async Task Without_a_user_nothing_is_offered_and_a_question_is_refused_as_unknown()
    {
        await using var bench = new ConformanceBench();

        JsonElement client = await bench.AskAsync("client");
        PromptFailedException refused = await bench.FailAsync($"form {OneLine(Schema)}");

        Assert.False(client.TryGetProperty("elicitation", out _));
        Assert.False(client.TryGetProperty("terminal", out JsonElement terminal) && terminal.GetBoolean());
        Assert.Contains("Method not found", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task With_a_user_forms_addresses_and_terminals_are_offered()
    {
        await using var bench = new ConformanceBench(isInteractive: true);

        JsonElement client = await bench.AskAsync("client");

        Assert.Equal(JsonValueKind.Object, client.GetProperty("elicitation").GetProperty("form").ValueKind);
        Assert.Equal(JsonValueKind.Object, client.GetProperty("elicitation").GetProperty("url").ValueKind);
        Assert.True(client.GetProperty("terminal").GetBoolean());
    }

    [Fact]
    public async Task The_answers_of_a_form_reach_the_agent_with_their_types()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        FormRequest? seen = null;
        var answer = new FormAnswer(FormAction.Accept, new Dictionary<string, string> { ["name"] = "Ada", ["size"] = "3", ["price"] = "2.5", ["colour"] = "blue", ["extras"] = "2" });

        string said = await SayAsync(bench, $"form {OneLine(Schema)}", request =>
        {
            seen = request;
            return answer;
        });

        Assert.Equal("""{"action":"accept","content":{"name":"Ada","size":3,"price":2.5,"gift":true,"colour":"b","extras":["bow"]}}""", said);
        Assert.Equal(("Please fill in.", "Order"), (seen!.Message, seen.Title));
        Assert.Equal(
            [("name", FormFieldType.Text, true), ("size", FormFieldType.WholeNumber, true), ("price", FormFieldType.Number, false), ("gift", FormFieldType.YesNo, false), ("colour", FormFieldType.Choice, false), ("extras", FormFieldType.Choices, false)],
            seen.Fields.Select(field => (field.Name, field.Type, field.IsRequired)));
    }

    [Theory]
    [InlineData(FormAction.Decline, "decline")]
    [InlineData(FormAction.Cancel, "cancel")]
    public async Task A_form_that_is_not_accepted_sends_no_values(FormAction action, string said)
    {
        await using var bench = new ConformanceBench(isInteractive: true);

        Assert.Equal($$"""{"action":"{{said}}"}""", await SayAsync(bench, $"form {OneLine(Schema)}", _ => new FormAnswer(action, new Dictionary<string, string> { ["name"] = "Ada" })));
    }

    [Fact]
    public async Task Values_that_do_not_fit_are_never_sent()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        var wrong = new FormAnswer(FormAction.Accept, new Dictionary<string, string> { ["name"] = "Ada", ["size"] = "11" });

        Assert.Equal("""{"action":"cancel"}""", await SayAsync(bench, $"form {OneLine(Schema)}", _ => wrong));
    }

    [Theory]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"type":"_matrix"}}}""", "cancel", 0)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"_matrix"},"b":{"type":"string"}}}""", "accept", 1)]
    [InlineData("""{"type":"object","properties":{}}""", "accept", 1)]
    public async Task A_field_of_an_unknown_kind_is_never_shown_as_another(string schema, string action, int asked)
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        int count = 0;

        string said = await SayAsync(bench, $"form {schema}", request =>
        {
            count++;
            Assert.DoesNotContain(request.Fields, field => field.Name == "a");
            return new FormAnswer(FormAction.Accept, new Dictionary<string, string> { ["b"] = "x" });
        });

        Assert.Contains($"\"{action}\"", said, StringComparison.Ordinal);
        Assert.Equal(asked, count);
    }

    [Theory]
    [InlineData("https://example.com/sign-in", "accept", 1)]
    [InlineData("file:///etc/passwd", "cancel", 0)]
    [InlineData("javascript:alert(1)", "cancel", 0)]
    public async Task Only_a_web_address_is_shown_to_the_user(string url, string action, int asked)
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        int count = 0;

        string said = await SayAsync(bench, $"visit {url}", request =>
        {
            count++;
            Assert.Equal((url, "Sign in there."), (request.Address!.AbsoluteUri, request.Message));
            return new FormAnswer(FormAction.Accept);
        });

        Assert.Equal(($$"""{"action":"{{action}}"}""", asked), (said, count));
    }

    [Fact]
    public async Task A_prompt_without_a_user_on_such_an_agent_cancels_the_question_and_goes_on()
    {
        await using var bench = new ConformanceBench(isInteractive: true);

        Assert.Equal("""{"action":"cancel"}""", (await bench.RunAsync($"form {OneLine(Schema)}")).Text);
    }

    [Fact]
    public async Task A_form_that_the_agent_withdraws_is_abandoned_and_the_turn_goes_on()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        var withdrawn = new TaskCompletionSource();

        PromptResult result = await bench.Pool.PromptAsync(
            new PromptRequest
            {
                Prompt = "unform",
                FormHandler = async (_, cancellationToken) =>
                {
                    using CancellationTokenRegistration end = cancellationToken.Register(withdrawn.SetResult);
                    await File.WriteAllTextAsync(Path.Combine(bench.Spec.WorkingDirectory, "asked"), "", CancellationToken.None);
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return FormAnswer.Cancelled;
                },
            },
            TestContext.Current.CancellationToken).InTime();

        Assert.Equal("Asked. cancel", result.Text);
        await withdrawn.Task.InTime();
    }

    [Fact]
    public async Task A_cancelled_turn_abandons_its_form()
    {
        await using var bench = new ConformanceBench(isInteractive: true);
        using var cancel = new CancellationTokenSource();
        var request = new PromptRequest
        {
            Prompt = $"form {OneLine(Schema)}",
            FormHandler = async (_, cancellationToken) =>
            {
                await cancel.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return FormAnswer.Cancelled;
            },
        };

        PromptFailedException cancelled = await Assert.ThrowsAsync<PromptFailedException>(() => bench.Pool.PromptAsync(request, cancel.Token).InTime());

        Assert.Equal(FailureKind.PromptCancelled, cancelled.Kind);
        Assert.Equal("You said: next", (await bench.RunAsync("next")).Text);
    }

    private static string OneLine(string json) => json.ReplaceLineEndings("");

    private static async Task<string> SayAsync(ConformanceBench bench, string prompt, Func<FormRequest, FormAnswer> answer) =>
        (await bench.Pool.PromptAsync(new PromptRequest { Prompt = prompt, FormHandler = (request, _) => Task.FromResult(answer(request)) }, TestContext.Current.CancellationToken).InTime()).Text;
}
