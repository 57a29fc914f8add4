using System.Diagnostics;
using System.Text;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.JsonRpc;

public sealed class LineReaderTests
{
    [Fact]
    public async Task Lines_come_without_their_endings() => Assert.Equal(["one", "two", ""], await ReadAllAsync("one\ntwo\n\n"));

    [Fact]
    public async Task A_carriage_return_before_the_newline_is_part_of_the_ending() => Assert.Equal(["one", "t\rwo", ""], await ReadAllAsync("one\r\nt\rwo\n\r\n"));

    [Fact]
    public async Task A_last_line_without_a_newline_is_a_line() => Assert.Equal(["one", "two"], await ReadAllAsync("one\ntwo"));

    [Fact]
    public async Task An_empty_stream_has_no_lines() => Assert.Empty(await ReadAllAsync(""));

    [Fact]
    public async Task The_end_is_reported_repeatedly()
    {
        var pipe = new BytePipe();
        pipe.CloseWriter();
        var reader = new LineReader(pipe);

        Assert.True((await reader.ReadAsync(default)).IsEnd);
        Assert.True((await reader.ReadAsync(default)).IsEnd);
    }

    [Fact]
    public async Task Lines_are_the_same_wherever_the_stream_is_split_in_two()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("grüße\r\n\n\U0001F600 and €\nlast");
        for (int split = 0; split <= bytes.Length; split++)
            Assert.Equal(["grüße", "", "\U0001F600 and €", "last"], await ReadAllAsync(bytes[..split], bytes[split..]));
    }

    [Fact]
    public async Task Lines_are_the_same_when_the_stream_comes_byte_by_byte()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("grüße\r\n\n\U0001F600\nlast");

        Assert.Equal(["grüße", "", "\U0001F600", "last"], await ReadAllAsync([.. bytes.Select(b => new[] { b })]));
    }

    [Fact]
    public async Task Many_lines_of_all_lengths_come_through_buffers_that_grow_and_move()
    {
        var random = new Random(5);
        string[] lines = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 26)), random.Next(i % 10 == 0 ? 100_000 : 200)))];
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        var chunks = new List<byte[]>();
        for (int at = 0, size; at < bytes.Length; at += size)
            chunks.Add(bytes[at..(at + (size = Math.Min(random.Next(1, 40_000), bytes.Length - at)))]);

        Assert.Equal(lines, await ReadAllAsync([.. chunks]));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    public async Task A_line_over_the_limit_is_drained_and_reported_and_the_next_one_is_whole(string ending)
    {
        string tooLong = new('x', 3000);

        Assert.Equal(["before", "<3000 dropped>", "after"], await ReadAllAsync(100, Split($"before\n{tooLong}\nafter{ending}", 77)));
    }

    [Fact]
    public async Task A_last_line_over_the_limit_is_reported_too() => Assert.Equal(["<300 dropped>"], await ReadAllAsync(100, Split(new string('x', 300), 50)));

    [Fact]
    public async Task The_limit_is_the_same_wherever_the_line_is_split()
    {
        foreach (int chunk in (int[])[1, 7, 99, 100, 101, 102, 1000])
        {
            string fits = new('x', 100), doesNot = new('y', 101);
            Assert.Equal([fits, "<101 dropped>", fits], await ReadAllAsync(100, Split($"{fits}\n{doesNot}\n{fits}\n", chunk)));
        }
    }

    [Fact]
    public async Task A_line_over_the_limit_is_not_buffered()
    {
        byte[] megabyte = new byte[1024 * 1024];
        var pipe = new BytePipe();
        for (int i = 0; i < 64; i++)
            await pipe.WriteAsync(megabyte);
        pipe.CloseWriter();
        var reader = new LineReader(pipe, 64 * 1024);

        long before = GC.GetAllocatedBytesForCurrentThread();
        ValueTask<LineReader.Line> line = reader.ReadAsync(default);
        Assert.True(line.IsCompletedSuccessfully, "all is there, so nothing of it runs on another thread");

        Assert.Equal(64L * 1024 * 1024, (await line).DroppedBytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L * 1024 * 1024);
    }

    /// <summary>
    /// 32 MB in pieces of 1 KB: scanning each byte once takes milliseconds, scanning all again with every read would be half
    /// a terabyte. A buffer that grows by a fixed step would be copied as often.
    /// </summary>
    [Fact]
    public async Task The_work_on_a_long_line_is_linear()
    {
        byte[] kilobyte = [.. Enumerable.Repeat((byte)'x', 1024)];
        const int count = 32 * 1024;
        var pipe = new BytePipe();
        for (int i = 0; i < count; i++)
            await pipe.WriteAsync(kilobyte);
        pipe.CloseWriter();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();

        ValueTask<LineReader.Line> line = new LineReader(pipe).ReadAsync(default);

        Assert.True(line.IsCompletedSuccessfully, "all is there, so nothing of it runs on another thread");
        Assert.Equal(count * 1024, (await line).Bytes.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5L * count * 1024);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task One_huge_line_does_not_keep_its_buffer()
    {
        var pipe = new BytePipe();
        var reader = new LineReader(pipe);
        await pipe.WriteAsync(Encoding.UTF8.GetBytes(new string('x', 5_000_000) + "\n"));
        WeakReference<byte[]> huge = await ReadBufferAsync(reader);
        await pipe.WriteAsync("small\n"u8.ToArray());

        await reader.ReadAsync(default);
        GC.Collect();

        Assert.False(huge.TryGetTarget(out _));
        GC.KeepAlive(reader);
    }

    private static async Task<WeakReference<byte[]>> ReadBufferAsync(LineReader reader)
    {
        LineReader.Line line = await reader.ReadAsync(default);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(line.Bytes, out ArraySegment<byte> segment));
        return new WeakReference<byte[]>(segment.Array!);
    }

    private static byte[][] Split(string text, int size) => [.. Encoding.UTF8.GetBytes(text).Chunk(size)];

    private static Task<List<string>> ReadAllAsync(string text) => ReadAllAsync(Encoding.UTF8.GetBytes(text));

    private static Task<List<string>> ReadAllAsync(params byte[][] chunks) => ReadAllAsync(LineReader.DefaultMaxLineBytes, chunks);

    private static async Task<List<string>> ReadAllAsync(int limit, params byte[][] chunks)
    {
        var pipe = new BytePipe();
        foreach (byte[] chunk in chunks.Where(c => c.Length > 0))
            await pipe.WriteAsync(chunk);
        pipe.CloseWriter();
        var reader = new LineReader(pipe, limit);
        var lines = new List<string>();
        while (await reader.ReadAsync(default) is { IsEnd: false } line)
            lines.Add(line.DroppedBytes > 0 ? $"<{line.DroppedBytes} dropped>" : Encoding.UTF8.GetString(line.Bytes.Span));
        return lines;
    }
}
