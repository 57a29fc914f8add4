using System.Globalization;
using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The agent's own requests and the client's answers to them.</summary>
internal sealed class ClientRequests(FrameWriter wire, EventLog log)
{
    private static int _lastStringId;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaskCompletionSource<JsonElement>> _pending = [];

    // Starts where clients start too: the ids of the two directions are independent, and they do collide.
    private int _nextId;

    /// <summary>Sends a request and gives the whole frame that answers it, result or error.</summary>
    /// <param name="id">The id as raw JSON; null takes the next free number.</param>
    /// <param name="method">The method asked for.</param>
    /// <param name="parameters">Writes the properties of the params object.</param>
    public Task<JsonElement> AskAsync(string? id, string method, FrameBody parameters)
    {
        // The turn must not go on upon the reader's thread.
        TaskCompletionSource<JsonElement> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            while (id is null || _pending.ContainsKey(id))
                id = _nextId++.ToString(CultureInfo.InvariantCulture);
            _pending.Add(id, answer);
        }
        wire.Request(id, method, parameters);
        return answer.Task;
    }

    public static string NextStringId() => $"\"kiro-{Interlocked.Increment(ref _lastStringId)}\"";

    /// <summary>Takes a frame with an id and no method.</summary>
    public void Answer(string id, JsonElement frame)
    {
        TaskCompletionSource<JsonElement>? asked;
        lock (_lock)
            _pending.Remove(id, out asked);
        if (asked is null)
            log.Write("unexpected-response", text: id);
        else
            asked.SetResult(frame.Clone());
    }
}
