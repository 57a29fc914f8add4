using System.Buffers;
using System.Runtime.CompilerServices;

namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// Splits a byte stream into lines. It scans each byte once, however long the line. A line over the limit is read to its
/// end and reported, not kept. Bytes are not decoded here, so a character may be split over two reads.
/// </summary>
internal sealed class LineReader(Stream stream, int maxLineBytes = LineReader.DefaultMaxLineBytes)
{
    /// <summary>64 MiB: agents send lines of several MB (whole files in tool results).</summary>
    public const int DefaultMaxLineBytes = 64 * 1024 * 1024;

    // The default size of a pipe on Linux.
    private const int UsualSize = 64 * 1024;

    /// <summary>All readers share buffers up to this size. A larger buffer, for a rare huge line, is not kept.</summary>
    private const int MostPooled = 4 * 1024 * 1024;

    private readonly byte[] _usual = new byte[UsualSize];
    private byte[]? _larger;
    private int _start;
    private int _end;
    private int _searched;
    private long _dropped;
    private byte[] _head = [];
    private byte[] _tail = [];
    private bool _ended;

    // Enough of a dropped line to identify its message.
    private const int HeadBytes = 4096;
    private const int TailBytes = 512;

    /// <summary>The reader's own buffer, or a larger one while a longer line is read.</summary>
    private byte[] Buffered => _larger ?? _usual;

    /// <summary>The limit for one line.</summary>
    public int MaxLineBytes => maxLineBytes;

    /// <summary>Reads the next line.</summary>
    /// <returns>The line without its line ending, valid until the next call; or the end of the stream.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Line> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int newline = Buffered.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (newline >= 0)
                return TakeLine(_searched + newline, _searched + newline + 1);

            _searched = _end;
            if (_ended)
                return _end > _start || _dropped > 0 ? TakeLine(_end, _end) : Line.EndOfStream;

            if (_dropped > 0 || _end - _start > maxLineBytes)
            {
                Drop(Buffered.AsSpan(_start, _end - _start));
                _start = _end = _searched = 0;
            }

            MakeRoom();
            int count = await stream.ReadAsync(Buffered.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _ended = count == 0;
            _end += count;
        }
    }

    private Line TakeLine(int lineEnd, int next)
    {
        int length = lineEnd - _start;
        var bytes = Buffered.AsMemory(_start, length > 0 && Buffered[lineEnd - 1] == '\r' ? length - 1 : length);
        _start = _searched = next;
        if (_dropped == 0 && length <= maxLineBytes)
            return new Line(bytes, 0, false);

        Drop(Buffered.AsSpan(lineEnd - length, length));
        var line = new Line(default, _dropped, false) { Head = _head, Tail = _tail };
        (_dropped, _head, _tail) = (0, [], []);
        return line;
    }

    private void Drop(ReadOnlySpan<byte> piece)
    {
        if (_dropped == 0)
            _head = piece[..Math.Min(piece.Length, HeadBytes)].ToArray();
        _tail = piece.Length >= TailBytes ? piece[^TailBytes..].ToArray() : [.. _tail.AsSpan(Math.Max(0, _tail.Length + piece.Length - TailBytes)), .. piece];
        _dropped += piece.Length;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = _searched = 0;

            // The buffer of one huge line must not stay for the life of the agent.
            GiveBack();
        }

        if (_end < Buffered.Length)
            return;

        // Doubling keeps the copying linear in the length of the line.
        byte[] source = Buffered;
        byte[]? larger = _end - _start > source.Length / 2 ? Borrow((int)Math.Min(2L * source.Length, Array.MaxLength)) : null;
        Buffer.BlockCopy(source, _start, larger ?? source, 0, _end - _start);
        _searched -= _start;
        _end -= _start;
        _start = 0;
        if (larger is null)
            return;
        GiveBack();
        _larger = larger;
    }

    private static byte[] Borrow(int size) => size <= MostPooled ? ArrayPool<byte>.Shared.Rent(size) : new byte[size];

    private void GiveBack()
    {
        if (_larger is { Length: <= MostPooled } pooled)
            ArrayPool<byte>.Shared.Return(pooled);
        _larger = null;
    }

    /// <summary>The result of one read.</summary>
    /// <param name="Bytes">The line; empty if it was dropped.</param>
    /// <param name="DroppedBytes">The length of a line over the limit, else 0.</param>
    /// <param name="IsEnd">Whether the stream has ended, without a line.</param>
    public readonly record struct Line(ReadOnlyMemory<byte> Bytes, long DroppedBytes, bool IsEnd)
    {
        public static Line EndOfStream => new(default, 0, true);

        /// <summary>The beginning of a line that was dropped.</summary>
        public ReadOnlyMemory<byte> Head { get; init; }

        /// <summary>Its end.</summary>
        public ReadOnlyMemory<byte> Tail { get; init; }
    }
}
