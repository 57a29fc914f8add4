namespace KiroPool.Engine.Processes;

/// <summary>Writing to an agent's stdin so that it is known what the agent can have seen.</summary>
internal static class AgentInput
{
    /// <summary>Writes all of it, through any buffer.</summary>
    /// <exception cref="IOException">The bytes are certainly not in the pipe, or not all of them.</exception>
    public static async ValueTask SendAsync(Stream input, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await input.WriteAsync(bytes).ConfigureAwait(false);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The pipe to the agent is closed.", e);
        }

        try
        {
            await input.FlushAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The agent took it and died of it, so the pipe was closed, which flushes too. That must not pass for unseen.
        }
    }
}
