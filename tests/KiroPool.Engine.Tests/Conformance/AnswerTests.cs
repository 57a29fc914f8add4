using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Updates of an agent on the official SDK arrive whole, in order and with their kind.</summary>
public sealed class AnswerTests
{
    [Fact]
    public async Task Chunks_are_updates_in_order_and_form_the_text()
    {
        await using var bench = new ConformanceBench();
        var updates = new List<PromptUpdate>();

        PromptResult result = await bench.RunAsync("stream grüße an 世界 and \U0001F600 \"quoted\" \\ a\tb\nc", updates.Add);

        Assert.Equal(("Completed", "end_turn"), (result.Outcome, result.StopReason));
        Assert.Equal("grüße an 世界 and \U0001F600 \"quoted\" \\ a\tb\nc", result.Text);
        Assert.Equal(["grüße", " an", " 世界", " and", " \U0001F600", " \"quoted\"", " \\", " a\tb\nc"], updates.Select(u => u.Text));
        Assert.All(updates, update => Assert.Equal("Text", update.Kind));
        Assert.NotNull(result.TimeToFirstText);
    }

    [Fact]
    public async Task Two_thousand_chunks_all_arrive()
    {
        await using var bench = new ConformanceBench();
        string words = string.Join(' ', Enumerable.Range(0, 2000));
        int updates = 0;

        PromptResult result = await bench.RunAsync("stream " + words, _ => updates++);

        Assert.Equal(words, result.Text);
        Assert.Equal(2000, updates);
    }

    [Fact]
    public async Task A_prompt_of_a_megabyte_comes_back_unchanged()
    {
        await using var bench = new ConformanceBench();
        string prompt = new('é', 512 * 1024);

        PromptResult result = await bench.RunAsync(prompt);

        Assert.Equal("You said: " + prompt, result.Text);
    }

    [Fact]
    public async Task Thoughts_are_separate_updates_and_not_part_of_the_text()
    {
        await using var bench = new ConformanceBench();
        var updates = new List<PromptUpdate>();

        PromptResult result = await bench.RunAsync("think", updates.Add);

        Assert.Equal("I thought about it.", result.Text);
        Assert.Equal([("Thought", "Let me see"), ("Thought", ", yes."), ("Text", "I thought about it.")], updates.Select(u => (u.Kind, u.Text)));
    }

    [Fact]
    public async Task Optional_content_does_not_change_the_text()
    {
        await using var bench = new ConformanceBench();
        var updates = new List<PromptUpdate>();

        PromptResult result = await bench.RunAsync("extras", updates.Add);

        Assert.Equal("before after", result.Text);
        Assert.Equal([("Text", "before"), ("Plan", ""), ("Content", ""), ("Content", ""), ("Text", " after")], updates.Select(u => (u.Kind, u.Text)));
        Assert.Equal(["image", "resource_link"], result.Content.Select(block => block.Type));
        Assert.Empty(result.ToolCalls);
    }

    [Fact]
    public async Task The_last_usage_update_gives_the_context_percentage()
    {
        await using var bench = new ConformanceBench();

        PromptResult result = await bench.RunAsync("usage");

        Assert.Equal(("Counted.", 25.0), (result.Text, result.ContextPercent));
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_turn_requests")]
    [InlineData("refusal")]
    public async Task Every_stop_reason_is_a_result(string reason)
    {
        await using var bench = new ConformanceBench();

        PromptResult result = await bench.RunAsync("stop " + reason);

        Assert.Equal(("Completed", reason), (result.Outcome, result.StopReason));
    }

    [Fact]
    public async Task A_turn_that_ends_as_cancelled_without_a_cancel_has_failed()
    {
        await using var bench = new ConformanceBench();

        PromptFailedException failure = await bench.FailAsync("stop cancelled");

        Assert.Equal((FailureKind.CancelledByAgent, "Failed", "cancelled"), (failure.Kind, failure.Result.Outcome, failure.Result.StopReason));
    }

    [Fact]
    public async Task The_SDK_accepts_attached_text_and_files()
    {
        await using var bench = new ConformanceBench();
        string file = Path.Combine(bench.Spec.WorkingDirectory, "a file & more.txt");
        await File.WriteAllTextAsync(file, "12345");

        PromptResult result = await bench.Pool.PromptAsync(new PromptRequest
        {
            Prompt = "blocks",
            Attachments = [new PromptPart.Text("as well"), new PromptPart.Link(file), new PromptPart.Link(bench.Spec.WorkingDirectory)],
        }).InTime();

        var blocks = JsonSerializer.Deserialize<JsonElement[]>(result.Text)!;
        Assert.Equal(["text", "resource_link", "resource_link"], blocks.Select(b => b.GetProperty("type").GetString()));
        Assert.Equal("as well", blocks[0].GetProperty("text").GetString());
        Assert.Equal(file, new Uri(blocks[1].GetProperty("uri").GetString()!).LocalPath);
        Assert.Equal("a file & more.txt", blocks[1].GetProperty("name").GetString());
        Assert.Equal(5, blocks[1].GetProperty("size").GetInt32());
        Assert.Equal(Path.GetFileName(bench.Spec.WorkingDirectory), blocks[2].GetProperty("name").GetString());
    }
}
