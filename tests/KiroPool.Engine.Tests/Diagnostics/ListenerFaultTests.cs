using System.Diagnostics;
using System.Diagnostics.Metrics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;
using KiroPool.Engine.Tests.Simulated;

namespace KiroPool.Engine.Tests.Diagnostics;

/// <summary>Listeners of metrics and spans that throw. They are foreign code that runs on the threads of the pool.</summary>
[Collection(typeof(Alone))]
public sealed class ListenerFaultTests
{
    [Fact]
    public async Task A_listener_of_metrics_that_throws_harms_no_prompt_and_no_stop()
    {
        int calls = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "KiroPool")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Throw());
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Throw());
        listener.Start();

        await UseAndStopAsync();

        Assert.InRange(calls, 4, int.MaxValue);

        void Throw()
        {
            Interlocked.Increment(ref calls);
            throw new InvalidOperationException("a fault of a listener");
        }
    }

    [Theory]
    [InlineData("start", true)]
    [InlineData("start", false)]
    [InlineData("invoke_agent a", true)]
    [InlineData("invoke_agent a", false)]
    [InlineData("queue", true)]
    [InlineData("queue", false)]
    [InlineData("session", true)]
    [InlineData("session", false)]
    [InlineData("turn", true)]
    [InlineData("turn", false)]
    public async Task A_listener_of_spans_that_throws_harms_no_prompt_and_no_start(string name, bool atStart)
    {
        int calls = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "KiroPool",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStarted = span => ThrowIf(atStart && span.OperationName == name),
            ActivityStopped = span => ThrowIf(!atStart && span.OperationName == name),
        };
        ActivitySource.AddActivityListener(listener);

        await UseAndStopAsync();

        Assert.Equal(1, calls);

        void ThrowIf(bool condition)
        {
            if (!condition)
                return;
            Interlocked.Increment(ref calls);
            throw new InvalidOperationException("a fault of a listener");
        }
    }

    private static async Task UseAndStopAsync()
    {
        await using var bench = new PoolBench();
        PromptResult result = await bench.Pool.PromptAsync(new PromptRequest { Prompt = "x" }).InTime();
        Assert.Equal(nameof(PromptOutcome.Completed), result.Outcome);
        await bench.Pool.StopAsync(PoolStopMode.Drain).InTime();
    }
}
