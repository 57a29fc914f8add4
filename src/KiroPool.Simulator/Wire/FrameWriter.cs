using System.Buffers;
using System.Text.Json;

namespace KiroPool.Simulator;

internal delegate void FrameBody(Utf8JsonWriter json);

/// <summary>Writes frames to the client: one lock, and a frame is one write.</summary>
internal sealed class FrameWriter : IDisposable
{
    private const int KeptCapacity = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly Stream _output;
    private readonly Utf8JsonWriter _json;
    private ArrayBufferWriter<byte> _buffer = new(4096);
    private int _splitFrames;
    private int _pieceBytes = 1;

    public FrameWriter(Stream output)
    {
        _output = output;
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = KiroTextEncoder.Instance, SkipValidation = true });
    }

    /// <summary>Sends an object with <c>jsonrpc</c> and what <paramref name="body"/> adds.</summary>
    public void Send(FrameBody body)
    {
        lock (_lock)
        {
            if (_buffer.Capacity > KeptCapacity)
                _buffer = new ArrayBufferWriter<byte>(4096);
            _buffer.ResetWrittenCount();
            _json.Reset(_buffer);
            _json.WriteStartObject();
            _json.WriteString("jsonrpc"u8, "2.0"u8);
            body(_json);
            _json.WriteEndObject();
            _json.Flush();
            _buffer.Write("\n"u8);
            Put(_buffer.WrittenSpan);
        }
    }

    /// <summary>Writes bytes that need be no frame.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
            Put(bytes);
    }

    /// <summary>The next frames go out in pieces, none of them ending where a UTF-8 sequence does if it can be helped.</summary>
    public void SplitNext(int frames, int pieceBytes)
    {
        lock (_lock)
            (_splitFrames, _pieceBytes) = (frames, pieceBytes);
    }

    public void Dispose() => _json.Dispose();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_splitFrames == 0)
        {
            Write(bytes);
            return;
        }

        _splitFrames--;
        for (int piece = 1; bytes.Length > 0; piece++)
        {
            int length = Math.Min(_pieceBytes, bytes.Length);
            // A multi-byte sequence that would fit into the piece is cut after its first byte.
            int lead = bytes[..length].IndexOfAnyInRange<byte>(0xC0, 0xFF);
            if (lead >= 0)
                length = lead + 1;
            Write(bytes[..length]);
            bytes = bytes[length..];
            // The reader must get to see the half sequence; for the rest a pause now and then is enough.
            if (lead >= 0 || piece % 16 == 0)
                Thread.Sleep(1);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _output.Write(bytes);
        }
        catch (IOException)
        {
            throw new ClientGoneException();
        }
    }
}

/// <summary>The reader of stdout is gone.</summary>
internal sealed class ClientGoneException : Exception;
