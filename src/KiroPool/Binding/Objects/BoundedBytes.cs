using System.Buffers;

namespace KiroPool.Binding.Objects;

/// <summary>
/// UTF-8 text that is kept up to a bound. Beyond it only the length is counted, and that not without end either: what is
/// refused in the end must not have been made whole first.
/// </summary>
internal sealed class BoundedBytes(int most) : IBufferWriter<byte>
{
    /// <summary>How many times the bound is counted, so that an error can tell how much it is.</summary>
    private const int CountedTimes = 16;

    private byte[] _bytes = new byte[Math.Min(most, 4096)];

    /// <summary>The bound.</summary>
    public int Most => most;

    /// <summary>How long the text is so far.</summary>
    public long Length { get; private set; }

    public bool IsTooLong => Length > most;

    /// <summary>Whether <see cref="Length"/> is all of it: false once the counting was given up.</summary>
    public bool IsCounted => Length <= (long)most * CountedTimes;

    /// <summary>The text; only while it is not too long.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, (int)Length);

    public void Advance(int count) => Count(count);

    /// <summary>Counts text that is not kept, being too long by itself.</summary>
    public void Count(long count)
    {
        Length += count;
        if (!IsCounted)
            throw new TooLongException();
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        // What comes after the bound overwrites itself.
        int start = IsTooLong ? 0 : (int)Length;
        int needed = start + Math.Max(sizeHint, 256);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, Math.Min(_bytes.Length * 2, most)));
        return _bytes.AsMemory(start);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>It is so long that its length does not matter any more.</summary>
    public sealed class TooLongException : Exception;
}
