using System.Buffers;

namespace KiroPool.Engine.Text;

/// <summary>Receives the output of a <see cref="DelimiterReader"/>.</summary>
internal interface IResponseSink
{
    /// <summary>A piece of a response.</summary>
    void OnBytes(ReadOnlySpan<byte> bytes);

    /// <summary>The end of a response.</summary>
    void OnEnd();
}

/// <summary>
/// Splits a stream of bytes at a delimiter, wherever reads split it. Each byte is scanned once. A possible start of a
/// delimiter is held back until it is decided. Bytes after a delimiter belong to the next response.
/// </summary>
internal sealed class DelimiterReader
{
    private readonly byte[] _delimiter;
    private readonly IResponseSink _sink;

    // The failure function of Knuth, Morris and Pratt.
    private readonly int[] _shorter;
    private readonly ArrayBufferWriter<byte> _certain = new();
    private int _matched;

    public DelimiterReader(byte[] delimiter, IResponseSink sink)
    {
        ArgumentOutOfRangeException.ThrowIfZero(delimiter.Length);
        (_delimiter, _sink, _shorter) = (delimiter, sink, new int[delimiter.Length]);
        for (int i = 1, length = 0; i < delimiter.Length; i++)
        {
            while (length > 0 && delimiter[i] != delimiter[length])
                length = _shorter[length - 1];
            _shorter[i] = delimiter[i] == delimiter[length] ? ++length : length;
        }
    }

    /// <summary>Adds read bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            while (_matched > 0 && next != _delimiter[_matched])
            {
                int shorter = _shorter[_matched - 1];
                _certain.Write(_delimiter.AsSpan(0, _matched - shorter));
                _matched = shorter;
            }

            if (next != _delimiter[_matched])
            {
                _certain.GetSpan(1)[0] = next;
                _certain.Advance(1);
            }
            else if (++_matched == _delimiter.Length)
            {
                _matched = 0;
                HandOn();
                _sink.OnEnd();
            }
        }

        HandOn();
    }

    private void HandOn()
    {
        if (_certain.WrittenCount > 0)
            _sink.OnBytes(_certain.WrittenSpan);
        _certain.ResetWrittenCount();
    }
}
