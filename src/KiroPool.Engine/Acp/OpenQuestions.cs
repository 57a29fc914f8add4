using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace KiroPool.Engine.Acp;

/// <summary>The questions of an agent that wait for a person, by the id of their request. The agent may cancel them.</summary>
internal sealed class OpenQuestions
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _open = new(StringComparer.Ordinal);

    /// <summary>Notes a question; dispose the source with <see cref="Close"/>.</summary>
    /// <param name="id">The id as the frame has it, including quotes.</param>
    public CancellationToken Open(byte[] id)
    {
        var source = new CancellationTokenSource();
        return _open.TryAdd(Encoding.UTF8.GetString(id), source) ? source.Token : CancellationToken.None;
    }

    public void Close(byte[] id)
    {
        if (_open.TryRemove(Encoding.UTF8.GetString(id), out CancellationTokenSource? source))
            source.Dispose();
    }

    /// <summary>Reads <c>{requestId}</c>, and withdraws that question. An unknown id was answered already.</summary>
    public void Cancel(ReadOnlySpan<byte> parameters)
    {
        JsonElement named = JsonSerializer.Deserialize(parameters, IncomingJson.Default.JsonElement);
        if (named.ValueKind == JsonValueKind.Object && named.TryGetProperty("requestId", out JsonElement id) && _open.TryRemove(id.GetRawText(), out CancellationTokenSource? source))
            _ = EndAsync(source);
    }

    private static async Task EndAsync(CancellationTokenSource source)
    {
        // The reader runs this, and a handler may run on the cancel.
        await source.CancelAsync().ConfigureAwait(false);
        source.Dispose();
    }
}
