using System.Buffers;

namespace KiroPool.Binding.Objects;

/// <summary>
/// UTF-8 text up to a bound. Beyond the bound only the length is counted, up to a limit, so that a refused object was never
/// in memory as a whole.
/// </summary>
internal sealed class BoundedBytes(int most) : IBufferWriter<byte>
{
    /// <summary>The factor of the bound up to which the length is counted, for the error.</summary>
    private const int CountedTimes = 16;

    private byte[] _bytes = new byte[Math.Min(most, 4096)];

    /// <summary>The bound.</summary>
    public int Most => most;

    /// <summary>The length of the text so far.</summary>
    public long Length { get; private set; }

    public bool IsTooLong => Length > most;

    /// <summary>Whether <see cref="Length"/> is complete; false after counting was abandoned.</summary>
    public bool IsCounted => Length <= (long)most * CountedTimes;

    /// <summary>The text; valid only while it is not too long.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, (int)Length);

    public void Advance(int count) => Count(count);

    /// <summary>Counts text that is too long to keep.</summary>
    public void Count(long count)
    {
        Length += count;
        if (!IsCounted)
            throw new TooLongException();
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        // Text after the bound overwrites itself.
        int start = IsTooLong ? 0 : (int)Length;
        int needed = start + Math.Max(sizeHint, 256);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, Math.Min(_bytes.Length * 2, most)));
        return _bytes.AsMemory(start);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Ends counting, because the text is far too long.</summary>
    public sealed class TooLongException : Exception;
}
