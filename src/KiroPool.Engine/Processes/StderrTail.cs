namespace KiroPool.Engine.Processes;

/// <summary>
/// Reads an agent's stderr to its end and keeps the last bytes. Unread stderr would fill its pipe and block the agent;
/// keeping all of it would grow without bound.
/// </summary>
internal sealed class StderrTail
{
    /// <summary>The number of bytes that are kept.</summary>
    public const int Capacity = 8 * 1024;

    private const int UsualRead = 4 * 1024;
    private const int FloodRead = 64 * 1024;

    private readonly byte[] _ring = new byte[Capacity];
    private readonly object _gate = new();
    private long _total;

    /// <summary>The stderr of a process as the end of a message.</summary>
    public static string Quote(string stderr) =>
        stderr.Length == 0 ? "Its stderr is empty." : $"Its stderr ends with:{Environment.NewLine}{stderr}";

    /// <summary>Called after each piece of output, on the thread that drains it.</summary>
    public Action? Received { get; set; }

    /// <summary>The number of bytes received.</summary>
    public long TotalBytes
    {
        get
        {
            lock (_gate)
                return _total;
        }
    }

    /// <summary>Reads until the stream ends or breaks. Never throws.</summary>
    public async Task DrainAsync(Stream stderr)
    {
        var buffer = new byte[UsualRead];
        try
        {
            int count;
            while ((count = await stderr.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Append(buffer.AsSpan(0, count));
                Received?.Invoke();

                // A flood fills the pipe, and fewer reads then empty it.
                if (count == UsualRead && buffer.Length == UsualRead)
                    buffer = new byte[FloodRead];
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is gone. Earlier output is kept.
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (bytes.Length > Capacity)
            {
                _total += bytes.Length - Capacity;
                bytes = bytes[^Capacity..];
            }

            int start = (int)(_total % Capacity);
            int first = Math.Min(bytes.Length, Capacity - start);
            bytes[..first].CopyTo(_ring.AsSpan(start));
            bytes[first..].CopyTo(_ring);
            _total += bytes.Length;
        }
    }

    /// <summary>The last lines as text, cut at the start of a line; empty without output.</summary>
    public override string ToString() => ReadSince(0);

    /// <summary>The same for the output after the first <paramref name="bytes"/> bytes.</summary>
    public string ReadSince(long bytes)
    {
        byte[] kept;
        bool isCut;
        lock (_gate)
        {
            int start = (int)(_total % Capacity);
            kept = _total <= Capacity ? _ring[..(int)_total] : [.. _ring[start..], .. _ring[..start]];
            isCut = _total > Capacity;
            long wanted = Math.Max(0, _total - bytes);
            if (wanted < kept.Length)
                kept = kept[(kept.Length - (int)wanted)..];
            else if (wanted > kept.Length && Array.IndexOf(kept, (byte)'\n') is >= 0 and var newline && newline < kept.Length - 1)
                kept = kept[(newline + 1)..];
        }

        return ProcessText.Decode(kept, ProcessText.SystemEncoding, isCut).Trim();
    }
}
