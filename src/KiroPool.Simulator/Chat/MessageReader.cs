using System.Text;

namespace KiroPool.Simulator;

/// <summary>Reads messages that end with a delimiter.</summary>
internal sealed class MessageReader(Stream input, string delimiter)
{
    private readonly byte[] _delimiter = Encoding.UTF8.GetBytes(delimiter);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private byte[] _rest = [];

    /// <returns>The message, or null at the end of the input; what has no delimiter is no message.</returns>
    public string? Read()
    {
        while (true)
        {
            int end = _rest.AsSpan().IndexOf(_delimiter);
            if (end >= 0)
            {
                string message = Encoding.UTF8.GetString(_rest, 0, end);
                _rest = _rest[(end + _delimiter.Length)..];
                return message;
            }

            int count = input.Read(_buffer);
            if (count == 0)
                return null;
            _rest = [.. _rest, .. _buffer.AsSpan(0, count)];
        }
    }
}
