using System.Collections.Concurrent;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class NoiseTests
{
    [Theory]
    [InlineData("garbage")]
    [InlineData("batchJunk")]
    [InlineData("split")]
    [InlineData("stringId")]
    [InlineData("collide")]
    public async Task Noise_at_every_step_ends_no_connection(string noise)
    {
        string[] steps = noise is "garbage" or "batchJunk"
            ? ["start", "initialize", "session/new", "prompt", "streaming", "permission", "close", "idle"]
            : ["initialize", "session/new", "prompt", "streaming", "permission", "close"];
        await using var pool = new SimulatedPool(new { banner = "Welcome!", thought = true, faults = steps.Select(at => new { at, @do = noise }).ToArray() });
        for (int i = 0; i < 5; i++)
            Assert.Equal($"You said: [[permission edit]] 漢字🙂 {i}\nPermission: reject_once", (await pool.AskAsync($"[[permission edit]] 漢字🙂 {i}")).Text);

        Assert.Equal(1, pool.Agent.Count("start"));
        Assert.Equal(0, pool.Agent.Count("unexpected-response"));
    }

    [Fact]
    public async Task An_answer_of_twenty_megabytes_in_one_line_arrives_whole()
    {
        await using var pool = new SimulatedPool(new { chunks = 1 });
        PromptResult result = await pool.AskAsync($"[[bytes {20 * 1024 * 1024}]]");
        Assert.Equal(20 * 1024 * 1024, result.Text.Length);
        Assert.Equal("You said: [[bytes 20971520]]", result.Text.TrimEnd('x'));
    }

    [Fact]
    public async Task A_part_of_an_answer_over_the_limit_is_a_failure_and_the_agent_goes_on()
    {
        await using var pool = new SimulatedPool(new { faults = new[] { new { at = "streaming", @do = "hugeLine", bytes = LineReader.DefaultMaxLineBytes, times = 1 } } });
        var updates = new ConcurrentQueue<PromptUpdate>();
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello", OnUpdate = updates.Enqueue, RetryCount = 3 });

        Assert.Equal(("Failed", FailureKind.ProtocolViolation, "You said: hello"), (result.Outcome, failure!.Kind, result.Text));
        Assert.Contains("bytes, over the limit of 67,108,864, and is lost", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["hello"], pool.Agent.Prompts);
        Assert.Contains(pool.Log, e => e.Text.Contains("over the limit of", StringComparison.Ordinal));
        Assert.True((await pool.AskAsync("next")).Reused);
    }
}

[Collection<Alone>]
public sealed class NoiseMemoryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Ten_megabytes_of_stderr_neither_block_nor_grow_memory()
    {
        const int megabytes = 10;
        await using var pool = new SimulatedPool(new { stderrBytes = 0, faults = new[] { new { at = "prompt", @do = "stderrFlood", bytes = megabytes * 1024 * 1024 } } });
        await pool.AskAsync("warm up");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 5; i++)
            Assert.Equal($"You said: {i}", (await pool.AskAsync($"{i}")).Text);
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;

        output.WriteLine($"5 × {megabytes} MB of stderr: {grown / 1024:N0} kB more");
        Assert.True(grown < 1024 * 1024, $"{grown:N0} bytes more are in use.");
        Assert.Equal(1, pool.Agent.Count("start"));
    }
}
