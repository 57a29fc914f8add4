using KiroPool.Pipeline;

namespace KiroPool.Tests.Pipeline;

/// <summary>What piles up while the consumer of a stream is busy.</summary>
public sealed class UnreadUpdatesTests
{
    private readonly List<UnreadUpdate> _posted = [];
    private readonly UnreadUpdates _updates;

    public UnreadUpdatesTests() => _updates = new UnreadUpdates(_posted.Add);

    [Fact]
    public void Pieces_of_text_are_joined_while_nobody_reads_them()
    {
        for (int i = 0; i < 100_000; i++)
            _updates.Add(Text("ab"));

        Assert.Equal(200_000, Assert.Single(_posted).Take().Text.Length);
    }

    [Fact]
    public void A_piece_that_was_read_is_joined_to_no_more()
    {
        _updates.Add(Text("one"));
        Assert.Equal("one", _posted[0].Take().Text);
        _updates.Add(Text("two"));
        _updates.Add(Text(" three"));

        Assert.Equal(2, _posted.Count);
        Assert.Equal("two three", _posted[1].Take().Text);
    }

    [Fact]
    public void Kinds_keep_their_order_and_only_the_latest_state_is_kept()
    {
        _updates.Add(Text("a"));
        _updates.Add(Of("Thought", "b"));
        _updates.Add(Of("Thought", "c"));
        _updates.Add(Text("d"));
        _updates.Add(new PromptUpdate { Kind = "Usage", ContextPercent = 1 });
        _updates.Add(new PromptUpdate { Kind = "Usage", ContextPercent = 2 });
        _updates.Add(Of("ToolCall", ""));
        _updates.Add(Of("ToolCall", ""));

        PromptUpdate[] read = [.. _posted.Select(unread => unread.Take())];
        Assert.Equal(["Text:a", "Thought:bc", "Text:d", "Usage:", "ToolCall:", "ToolCall:"], read.Select(update => $"{update.Kind}:{update.Text}"));
        Assert.Equal(2, read[3].ContextPercent);
    }

    private static PromptUpdate Text(string text) => Of("Text", text);

    private static PromptUpdate Of(string kind, string text) => new() { Kind = kind, Text = text };
}
