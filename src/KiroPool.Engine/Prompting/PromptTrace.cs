using System.Diagnostics;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Prompting;

/// <summary>The spans of one prompt: the prompt itself, its waits, its turns, and the tools of each turn.</summary>
internal sealed class PromptTrace
{
    private readonly Activity _prompt;
    private readonly Dictionary<string, Activity> _tools = [];
    private Activity? _turn;
    private int _turns;

    private PromptTrace(Activity prompt) => _prompt = prompt;

    /// <summary>Starts the span of a prompt; null if nothing listens.</summary>
    public static PromptTrace? Begin(PromptRequest request, AgentSpec spec)
    {
        if (PoolTraces.Start(spec.Agent is null ? "invoke_agent" : $"invoke_agent {spec.Agent}", ActivityKind.Client, request.TraceParent) is not { } span)
            return null;
        span.SetTag("gen_ai.operation.name", "invoke_agent");
        span.SetTag("gen_ai.provider.name", Path.GetFileNameWithoutExtension(spec.Executable));
        span.SetTag("gen_ai.agent.name", spec.Agent);
        span.SetTag("gen_ai.request.model", spec.Model);
        span.SetTag("kiropool.prompt.index", request.Index);
        return new PromptTrace(span);
    }

    /// <summary>Starts the span of a wait, which the caller ends with the wait.</summary>
    public Activity? Step(string name) => PoolTraces.Start(name, ActivityKind.Internal, _prompt.Context);

    /// <summary>Starts the span of a turn, and adds it to the request: the agent gets its context, and its updates show the tools.</summary>
    public TurnRequest Turn(TurnRequest request, int? processId)
    {
        _turn = PoolTraces.Start("turn", ActivityKind.Client, _prompt.Context);
        if (_turn is null)
            return request;
        _turn.SetTag("kiropool.turn.number", ++_turns);
        _turn.SetTag("process.pid", processId);
        return request with { TraceParent = _turn.Id, OnUpdate = (Action<PromptUpdate>)Note + request.OnUpdate };
    }

    /// <summary>Ends the span of the turn.</summary>
    public void TurnEnded(TurnResult result)
    {
        if (_turn is not { } turn)
            return;
        lock (_tools)
        {
            // The turn ended before the agent reported the end of these.
            foreach (Activity open in _tools.Values)
                open.End();
            _tools.Clear();
        }

        AddCosts(turn, result.Meter.InputTokens, result.Meter.OutputTokens, result.Meter.CachedReadTokens, result.Meter.Credits, result.Meter.Cost, result.Meter.CostCurrency);
        if (result.StopReason is { } reason)
            turn.SetTag("gen_ai.response.finish_reasons", new[] { reason });
        if (result.Failure is { } failure)
            turn.Failed(failure.Kind.ToString(), failure.Message);
        turn.End();
        _turn = null;
    }

    /// <summary>Ends the span of the prompt.</summary>
    public void End(PromptResult result, AgentException? failure)
    {
        _prompt.SetTag("kiropool.outcome", result.Outcome);
        _prompt.SetTag("kiropool.attempts", result.Attempts);
        _prompt.SetTag("gen_ai.conversation.id", result.SessionId);
        _prompt.SetTag("gen_ai.response.model", result.Model);
        _prompt.SetTag("process.pid", result.ProcessId);
        AddCosts(_prompt, result.InputTokens, result.OutputTokens, result.CachedReadTokens, result.Credits, result.Cost, result.CostCurrency);
        if (result.StopReason is { } reason)
            _prompt.SetTag("gen_ai.response.finish_reasons", new[] { reason });
        if (failure is not null)
            _prompt.Failed(failure.Kind.ToString(), failure.Message);
        _prompt.End();
    }

    /// <summary>A tool runs from its first update to the one with its end. Called on the reader of the connection.</summary>
    private void Note(PromptUpdate update)
    {
        if (update.ToolCall is not { } call || _turn is not { } turn)
            return;
        lock (_tools)
        {
            if (!_tools.TryGetValue(call.Id, out Activity? span))
            {
                Activity? current = Activity.Current;
                span = PoolTraces.Start($"execute_tool {call.Name ?? call.Kind}", ActivityKind.Internal, turn.Context);
                Activity.Current = current;
                if (span is null)
                    return;
                span.SetTag("gen_ai.operation.name", "execute_tool");
                span.SetTag("gen_ai.tool.name", call.Name ?? call.Kind);
                span.SetTag("gen_ai.tool.call.id", call.Id);
                _tools.Add(call.Id, span);
            }

            if (call.Permission is not null)
                span.SetTag("kiropool.tool.permission", call.Permission);
            if (call.Status is not ("completed" or "failed"))
                return;
            if (call.Status == "failed")
                span.Failed(call.Permission == "Rejected" ? "Rejected" : "failed", "The tool failed.");
            span.End();
            _tools.Remove(call.Id);
        }
    }

    private static void AddCosts(Activity span, long? input, long? output, long? cachedRead, decimal? credits, decimal? cost, string? currency)
    {
        span.SetTag("gen_ai.usage.input_tokens", input);
        span.SetTag("gen_ai.usage.output_tokens", output);
        span.SetTag("gen_ai.usage.cache_read.input_tokens", cachedRead);
        span.SetTag("kiropool.credits", (double?)credits);
        span.SetTag("kiropool.cost", (double?)cost);
        span.SetTag("kiropool.cost.currency", currency);
    }
}
