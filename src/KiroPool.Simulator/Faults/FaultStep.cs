using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>Plays the faults of one step. Those that change what the step itself does are left to its code.</summary>
internal sealed class FaultStep(AgentContext context, FaultPoint at, string? requestId = null, string? sessionId = null)
{
    private const int MebiByte = 1024 * 1024;

    /// <exception cref="RpcException">The step is to be answered with this error.</exception>
    public async ValueTask PlayAsync(Fault[] faults, CancellationToken cancel = default)
    {
        foreach (Fault fault in faults)
            await PlayAsync(fault, cancel).ConfigureAwait(false);
    }

    private async ValueTask PlayAsync(Fault fault, CancellationToken cancel)
    {
        switch (fault.Do)
        {
            case FaultKind.Crash:
                context.End.Crash(fault.Text ?? $"simulated crash at {at.Name()}", fault.Code ?? 1);
                break;
            case FaultKind.Exit0:
                context.End.Exit(0);
                break;
            case FaultKind.Hang:
                await Task.Delay(fault.Ms ?? Timeout.Infinite, cancel).ConfigureAwait(false);
                break;
            case FaultKind.Slow:
                await Task.Delay(fault.Ms ?? 1000, cancel).ConfigureAwait(false);
                break;
            case FaultKind.Garbage:
                Junk.Write(context.Wire);
                break;
            case FaultKind.BatchJunk:
                Junk.WriteBatches(context.Wire, requestId);
                break;
            case FaultKind.StderrFlood:
                StandardError.Flood(fault.Bytes ?? 10 * MebiByte);
                break;
            case FaultKind.HugeLine:
                HugeLine(fault.Bytes ?? MebiByte);
                break;
            case FaultKind.Split:
                context.Wire.SplitNext(frames: 5, pieceBytes: fault.Bytes ?? 1);
                break;
            case FaultKind.Error:
                throw context.Dialect.Error(fault, $"simulated error at {at.Name()}");
            case FaultKind.RateLimit:
                throw context.Dialect.RateLimit(sessionId, fault.Text ?? "Too many requests");
            case FaultKind.Collide:
                await CollideAsync(fault.Text).ConfigureAwait(false);
                break;
            case FaultKind.StringId:
                await StringIdsAsync().ConfigureAwait(false);
                break;
        }
    }

    private void HugeLine(int bytes)
    {
        string text = new('x', bytes);
        if (at is FaultPoint.Prompt or FaultPoint.Streaming or FaultPoint.Permission)
            context.Wire.Chunk(sessionId!, "agent_message_chunk", text.AsMemory());
        else
            context.Wire.Notify("_kiro.dev/huge", json => json.WriteString("text"u8, text));
    }

    // Every request is answered before the step goes on: that is how an unanswered one hangs a turn.
    private async ValueTask CollideAsync(string? method)
    {
        method ??= sessionId is null ? "_kiro/whatever" : PermissionRequest.Method;
        await context.Requests.AskAsync(requestId!, method, RequestBody(method)).ConfigureAwait(false);
    }

    private async ValueTask StringIdsAsync()
    {
        await context.Requests.AskAsync(ClientRequests.NextStringId(), "_kiro/whatever", RequestBody("_kiro/whatever")).ConfigureAwait(false);
        if (sessionId is not null)
            await context.Requests.AskAsync(ClientRequests.NextStringId(), PermissionRequest.Method, RequestBody(PermissionRequest.Method)).ConfigureAwait(false);
    }

    private FrameBody RequestBody(string method) => method == PermissionRequest.Method
        ? context.Dialect.AskForTool(sessionId ?? "", "fault-tool", "other", "Simulated other", "other").Write
        : WriteSession;

    private void WriteSession(Utf8JsonWriter json)
    {
        if (sessionId is not null)
            json.WriteString("sessionId"u8, sessionId);
    }
}
