namespace KiroPool.Engine.Processes;

/// <summary>Writes to an agent's stdin and distinguishes what the agent may have seen from what it has not.</summary>
internal static class AgentInput
{
    /// <summary>Writes and flushes all bytes.</summary>
    /// <exception cref="IOException">The bytes, or some of them, are certainly not in the pipe.</exception>
    public static async ValueTask SendAsync(Stream input, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await input.WriteAsync(bytes).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // Windows reports a write whose pipe is closed meanwhile as cancelled.
            throw new IOException("The pipe to the agent is closed.", e);
        }

        try
        {
            await input.FlushAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The agent may have read the bytes and died: closing the pipe flushes too. So they do not count as unseen.
        }
    }
}
