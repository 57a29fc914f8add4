using System.Diagnostics;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Simulated;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace KiroPool.Engine.Tests.Diagnostics;

/// <summary>
/// The spans of the activity source KiroPool, as the SDK of OpenTelemetry exports them. A listener hears the whole process,
/// so the agents of tests beside it would get a context too.
/// </summary>
[Collection<Alone>]
public sealed class TraceTests
{
    private static readonly ActivitySource OfTest = new("KiroPool.Engine.Tests");

    [Fact]
    public async Task A_prompt_has_spans_for_its_waits_its_start_its_turn_and_its_tools()
    {
        await using var traced = new Traced(new { credits = 0.5, standardUsage = true });

        PromptResult result = await traced.AskAsync("hello [[tool read]]");

        Activity prompt = traced.Span("invoke_agent");
        Assert.Equal(traced.Root, prompt.ParentSpanId);
        Assert.Equal(ActivityKind.Client, prompt.Kind);
        Assert.Equal("invoke_agent", prompt.GetTagItem("gen_ai.operation.name"));
        Assert.Equal(result.SessionId, prompt.GetTagItem("gen_ai.conversation.id"));
        Assert.Equal("auto", prompt.GetTagItem("gen_ai.response.model"));
        Assert.Equal(["end_turn"], (string[])prompt.GetTagItem("gen_ai.response.finish_reasons")!);
        Assert.Equal((1200L, 80L), (prompt.GetTagItem("gen_ai.usage.input_tokens"), prompt.GetTagItem("gen_ai.usage.output_tokens")));
        Assert.Equal((0.5, "Completed"), (prompt.GetTagItem("kiropool.credits"), prompt.GetTagItem("kiropool.outcome")));
        Assert.Equal(prompt.SpanId, traced.Span("queue").ParentSpanId);
        Assert.Equal(traced.Span("queue").SpanId, traced.Span("start").ParentSpanId);
        Assert.Equal(result.ProcessId, traced.Span("start").GetTagItem("process.pid"));
        Assert.Equal(prompt.SpanId, traced.Span("session").ParentSpanId);
        Activity turn = traced.Span("turn");
        Assert.Equal((prompt.SpanId, 1), (turn.ParentSpanId, turn.GetTagItem("kiropool.turn.number")));
        Activity tool = traced.Spans.Single(span => span.DisplayName.StartsWith("execute_tool", StringComparison.Ordinal));
        Assert.Equal((turn.SpanId, result.ToolCalls.Single().Id), (tool.ParentSpanId, tool.GetTagItem("gen_ai.tool.call.id")));
    }

    [Fact]
    public async Task A_failure_is_an_error_with_its_kind_and_no_span_contains_the_prompt()
    {
        await using var traced = new Traced(new { });

        await Assert.ThrowsAsync<PromptFailedException>(() => traced.AskAsync("secret [[error broken]]"));

        Activity prompt = traced.Span("invoke_agent");
        Assert.Equal((ActivityStatusCode.Error, "AgentError"), (prompt.Status, prompt.GetTagItem("error.type")));
        Assert.All(traced.Spans, span => Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_agent_gets_the_context_of_the_turn()
    {
        await using var traced = new Traced(new { });

        await traced.AskAsync("hello");

        Assert.Equal(traced.Span("turn").Id, Assert.Single(traced.Pool.Agent.Of("traceparent")).Text);
    }

    [Fact]
    public async Task Without_a_listener_there_is_no_span_and_the_agent_gets_none()
    {
        Assert.Null(PoolTraces.Start("nothing", ActivityKind.Internal));
        await using var pool = new SimulatedPool();

        await pool.AskAsync("hello");

        Assert.Equal(0, pool.Agent.Count("traceparent"));
    }

    /// <summary>A pool whose spans are exported to memory. Other tests have other trace ids.</summary>
    private sealed class Traced : IAsyncDisposable
    {
        private readonly List<Activity> _exported = [];
        private readonly TracerProvider _provider;
        private readonly Activity _root;

        public Traced(object settings)
        {
            _provider = Sdk.CreateTracerProviderBuilder().AddSource("KiroPool", OfTest.Name).AddInMemoryExporter(_exported).Build();
            _root = OfTest.StartActivity("test")!;
            Pool = new SimulatedPool(settings);
        }

        public SimulatedPool Pool { get; }

        public ActivitySpanId Root => _root.SpanId;

        public IReadOnlyList<Activity> Spans
        {
            get
            {
                _provider.ForceFlush();
                return [.. _exported.ToArray().Where(span => span.TraceId == _root.TraceId)];
            }
        }

        public Task<PromptResult> AskAsync(string prompt) => Pool.Pool.PromptAsync(new PromptRequest { Prompt = prompt, TraceParent = _root.Context }).InTime();

        public Activity Span(string name) => Assert.Single(Spans, span => span.OperationName == name);

        public async ValueTask DisposeAsync()
        {
            _root.Dispose();
            await Pool.DisposeAsync();
            _provider.Dispose();
        }
    }
}
