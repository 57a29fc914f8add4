using System.Text;

namespace KiroPool.Engine.Processes;

/// <summary>The output of a command, from both of its streams in the order of its arrival. Only the last bytes are kept.</summary>
/// <param name="limit">The number of bytes of UTF-8 to keep.</param>
/// <param name="other">The encoding of output that is not UTF-8; null if there is none.</param>
internal sealed class TerminalOutput(int limit, Encoding? other)
{
    private readonly object _gate = new();
    private byte[] _bytes = new byte[Math.Min(limit, 4096) + 1];
    private int _count;
    private bool _isCut;

    /// <summary>Reads a stream until it ends or breaks. Never throws.</summary>
    public async Task DrainAsync(Stream stream)
    {
        // Each stream has its own: a character can arrive in two pieces, and its beginning waits in front of the next one.
        var bytes = new byte[4096];
        int begun = 0;
        try
        {
            int count;
            while ((count = await stream.ReadAsync(bytes.AsMemory(begun)).ConfigureAwait(false)) > 0)
            {
                int length = begun + count;
                begun = ProcessText.BegunLength(bytes.AsSpan(0, length));
                Append(ProcessText.Decode(bytes.AsSpan(0, length - begun), other, mayBeCut: false));
                bytes.AsSpan(length - begun, begun).CopyTo(bytes);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is gone. Earlier output is kept.
        }

        Append(ProcessText.Decode(bytes.AsSpan(0, begun), other, mayBeCut: false));
    }

    /// <summary>The kept text, which begins at a whole character, and whether earlier text was dropped.</summary>
    public (string Text, bool IsCut) Read()
    {
        lock (_gate)
        {
            int start = Math.Max(0, _count - limit);
            while ((start > 0 || _isCut) && start < _count && (_bytes[start] & 0xC0) == 0x80)
                start++;
            return (Encoding.UTF8.GetString(_bytes, start, _count - start), _isCut || start > 0);
        }
    }

    private void Append(ReadOnlySpan<char> text)
    {
        byte[] more = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, more);
        lock (_gate)
        {
            // Twice the limit, so that not every piece moves all bytes.
            if (_count + more.Length > _bytes.Length)
                MakeRoom(more.Length);
            more.CopyTo(_bytes, _count);
            _count += more.Length;
        }
    }

    private void MakeRoom(int needed)
    {
        int kept = Math.Min(_count, limit);
        _isCut |= kept < _count;
        byte[] larger = new byte[Math.Max(kept + needed, (int)Math.Min(2L * limit, 2L * (kept + needed)))];
        _bytes.AsSpan(_count - kept, kept).CopyTo(larger);
        (_bytes, _count) = (larger, kept);
    }
}
