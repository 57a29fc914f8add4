using System.Text;

namespace KiroPool.Simulator;

/// <summary>The raw stderr, without a buffer: what was said before a crash is out.</summary>
internal static class StandardError
{
    private const int BlockBytes = 64 * 1024;

    private static readonly Lock OneLineAtATime = new();
    private static readonly Stream Stream = Console.OpenStandardError();

    public static void Line(string text) => Write(Encoding.UTF8.GetBytes(text + "\n"));

    /// <summary>Blocks while the pipe is full and not read, as any write does.</summary>
    public static void Flood(long bytes)
    {
        byte[] block = new byte[BlockBytes];
        for (int i = 0; i < block.Length; i++)
            block[i] = i % 80 == 79 ? (byte)'\n' : (byte)'e';
        for (; bytes > 0; bytes -= BlockBytes)
            Write(block.AsSpan(0, (int)Math.Min(BlockBytes, bytes)));
    }

    private static void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            lock (OneLineAtATime)
                Stream.Write(bytes);
        }
        catch (IOException)
        {
            // The reader has closed the pipe, so there is no way to report it.
        }
    }
}
