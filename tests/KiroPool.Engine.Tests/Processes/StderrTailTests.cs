using System.Text;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes;

public sealed class StderrTailTests
{
    [Fact]
    public void No_output_is_an_empty_text() => Assert.Equal("", new StderrTail().ToString());

    [Fact]
    public void A_short_text_is_kept_whole() => Assert.Equal("one\ntwo", Tail("one\n", "two\n").ToString());

    [Fact]
    public void A_text_that_just_fits_is_kept_whole()
    {
        string text = new('x', StderrTail.Capacity);

        Assert.Equal(text, Tail(text).ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(4096)]
    [InlineData(StderrTail.Capacity)]
    [InlineData(StderrTail.Capacity + 1)]
    [InlineData(100_000)]
    public void The_last_whole_lines_of_a_long_text_are_kept(int piece)
    {
        string text = string.Concat(Enumerable.Range(0, 3000).Select(i => $"line {i}\n"));

        string tail = Tail([.. text.Chunk(piece).Select(c => new string(c))]).ToString();

        Assert.EndsWith("line 2998\nline 2999", tail, StringComparison.Ordinal);
        Assert.StartsWith("line ", tail, StringComparison.Ordinal);
        Assert.Contains(tail + "\n", text, StringComparison.Ordinal);
        Assert.InRange(tail.Length, StderrTail.Capacity - 20, StderrTail.Capacity);
    }

    [Fact]
    public void One_endless_line_keeps_its_end()
    {
        string tail = Tail(new string('a', 50_000), "the end").ToString();

        Assert.Equal(StderrTail.Capacity, tail.Length);
        Assert.EndsWith("aaathe end", tail, StringComparison.Ordinal);
    }

    [Fact]
    public void All_bytes_are_counted_and_few_are_kept()
    {
        StderrTail tail = Tail([.. Enumerable.Repeat(new string('x', 20_000), 500)]);

        Assert.Equal(10_000_000, tail.TotalBytes);
        Assert.Equal(StderrTail.Capacity, tail.ToString().Length);
    }

    [Fact]
    public async Task Draining_reads_to_the_end_and_tolerates_a_broken_pipe()
    {
        var pipe = new BytePipe();
        var tail = new StderrTail();
        Task drained = tail.DrainAsync(pipe);
        pipe.WriteNow("grü"u8.ToArray());
        pipe.WriteNow("ße"u8.ToArray());

        pipe.BreakForReader();
        await drained.InTime();

        Assert.Equal("grüße", tail.ToString());
    }

    private static StderrTail Tail(params string[] pieces)
    {
        var tail = new StderrTail();
        foreach (string piece in pieces)
            tail.Append(Encoding.UTF8.GetBytes(piece));
        return tail;
    }
}
