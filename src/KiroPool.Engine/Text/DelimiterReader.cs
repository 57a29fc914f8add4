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
/// delimiter is held back until it is decided. Bytes after a delimiter belong to the next response. A line feed of the
/// delimiter also stands for CR LF, which text streams of Windows write instead; a response keeps its line ends.
/// </summary>
internal sealed class DelimiterReader
{
    private readonly byte[] _delimiter;
    private readonly IResponseSink _sink;

    // The failure function of Knuth, Morris and Pratt.
    private readonly int[] _shorter;
    private readonly ArrayBufferWriter<byte> _certain = new();

    // For each matched byte, whether a carriage return stood before it.
    private readonly bool[] _returns;
    private readonly bool _takesReturns;
    private bool _heldReturn;
    private int _matched;

    public DelimiterReader(byte[] delimiter, IResponseSink sink)
    {
        ArgumentOutOfRangeException.ThrowIfZero(delimiter.Length);
        (_delimiter, _sink, _shorter, _returns) = (delimiter, sink, new int[delimiter.Length], new bool[delimiter.Length]);
        _takesReturns = delimiter.Contains((byte)'\n') && !delimiter.Contains((byte)'\r');
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
            bool hasReturn = _heldReturn;
            _heldReturn = _takesReturns && next == '\r';
            if (hasReturn && next != '\n')
                Append((byte)'\r', hasReturn: false);
            if (!_heldReturn)
                Append(next, hasReturn && next == '\n');
        }

        HandOn();
    }

    private void Append(byte next, bool hasReturn)
    {
        while (_matched > 0 && next != _delimiter[_matched])
        {
            int shorter = _shorter[_matched - 1];
            int certain = _matched - shorter;
            for (int i = 0; i < certain; i++)
                Certain(_delimiter[i], _returns[i]);
            _returns.AsSpan(certain, shorter).CopyTo(_returns);
            _matched = shorter;
        }

        if (next != _delimiter[_matched])
        {
            Certain(next, hasReturn);
            return;
        }

        _returns[_matched] = hasReturn;
        if (++_matched < _delimiter.Length)
            return;
        _matched = 0;
        HandOn();
        _sink.OnEnd();
    }

    private void Certain(byte next, bool hasReturn)
    {
        if (hasReturn)
            _certain.Write("\r"u8);
        _certain.GetSpan(1)[0] = next;
        _certain.Advance(1);
    }

    private void HandOn()
    {
        if (_certain.WrittenCount > 0)
            _sink.OnBytes(_certain.WrittenSpan);
        _certain.ResetWrittenCount();
    }
}
