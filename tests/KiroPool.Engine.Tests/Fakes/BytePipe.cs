using System.Threading.Channels;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// One direction of a pipe in memory. A read returns what one write wrote, or a part of it, so that a test decides where
/// the bytes are split.
/// </summary>
internal sealed class BytePipe : Stream
{
    private readonly Channel<byte[]> _chunks = Channel.CreateUnbounded<byte[]>();
    private ReadOnlyMemory<byte> _rest;
    private volatile Exception? _writeFailure;
    private volatile Exception? _flushFailure;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The reader sees the end of the stream after the bytes written so far.</summary>
    public void CloseWriter() => _chunks.Writer.TryComplete();

    /// <summary>The reader sees an error after the bytes written so far.</summary>
    public void BreakForReader() => _chunks.Writer.TryComplete(new IOException("The pipe broke."));

    /// <summary>Every later write fails, as when the other side has closed its end.</summary>
    public void BreakForWriter(Exception failure) => _writeFailure = failure;

    /// <summary>Every later flush fails, as when this side closed the pipe after its last write.</summary>
    public void BreakForFlush(Exception failure) => _flushFailure = failure;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await _chunks.Reader.WaitToReadAsync(cancellationToken))
                return 0;
            if (_chunks.Reader.TryRead(out byte[]? chunk))
                _rest = chunk;
        }

        int count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_writeFailure is { } failure)
            return ValueTask.FromException(failure);
        WriteNow(buffer);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes in one piece; there is always room.</summary>
    public void WriteNow(ReadOnlyMemory<byte> buffer) => _chunks.Writer.TryWrite(buffer.ToArray());

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _flushFailure is { } failure ? Task.FromException(failure) : Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
