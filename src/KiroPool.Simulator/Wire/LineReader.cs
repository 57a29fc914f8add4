namespace KiroPool.Simulator;

/// <summary>Cuts a byte stream into lines without decoding it.</summary>
internal sealed class LineReader(Stream input)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next line without its end. It is valid until the next call.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                length += searched;
                line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                return true;
            }

            searched = _end - _start;
            MakeRoom();
            int read = input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                // Half a frame is no frame: its writer died over it.
                line = default;
                return false;
            }
            _end += read;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
