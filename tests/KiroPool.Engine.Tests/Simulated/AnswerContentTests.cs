using System.Collections.Concurrent;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>Answers are more than text.</summary>
public sealed class AnswerContentTests
{
    [Fact]
    public async Task An_image_is_kept_with_its_bytes()
    {
        await using var pool = new SimulatedPool();
        PromptResult result = await pool.AskAsync("[[silent]] [[block image]]");

        AnswerBlock image = Assert.Single(result.Content);
        Assert.Equal(("", "image", "image/png", 70L), (result.Text, image.Type, image.MimeType, image.Size));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], image.Data![..4]);
        Assert.Equal("[image: image/png, 70 bytes]", image.ToString());
        Assert.True(result.HasAnswer);
    }

    [Fact]
    public async Task Blocks_come_in_their_order_beside_the_text_and_are_told_as_updates()
    {
        await using var pool = new SimulatedPool();
        var updates = new ConcurrentQueue<PromptUpdate>();
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "[[block text]] [[block blob]] [[block link]] [[block audio]] [[block hologram]]", OnUpdate = updates.Enqueue });

        Assert.Equal(["resource", "resource", "resource_link", "audio", "hologram"], result.Content.Select(block => block.Type));
        Assert.Equal(result.Content, updates.Where(update => update.Kind == "Content").Select(update => update.Content));
        Assert.StartsWith("You said: ", result.Text, StringComparison.Ordinal);
        Assert.Equal(("text/csv", "a,b\n1,2\n", null, 8L), (result.Content[0].MimeType, result.Content[0].Text, result.Content[0].Data, result.Content[0].Size));
        Assert.Equal(("file:///tmp/../blob.csv", null, 70), (result.Content[1].Uri, result.Content[1].Text, result.Content[1].Data!.Length));
        Assert.Equal(("report.pdf", "https://example.org/report.pdf", "application/pdf", 1234L), (result.Content[2].Name, result.Content[2].Uri, result.Content[2].MimeType, result.Content[2].Size));
    }

    [Fact]
    public async Task A_turn_without_a_word_completes_and_says_that_it_has_no_answer()
    {
        await using var pool = new SimulatedPool();
        PromptResult silent = await pool.AskAsync("[[silent]]");
        PromptResult used = await pool.AskAsync("[[silent]] [[tool edit]]");
        PromptResult refused = await pool.AskAsync("[[silent]] [[permission edit]]");

        Assert.Equal(("Completed", "", false), (silent.Outcome, silent.Text, silent.HasAnswer));
        Assert.True(used.HasAnswer);
        Assert.Equal("Rejected", Assert.Single(refused.ToolCalls).Permission);
    }
}
