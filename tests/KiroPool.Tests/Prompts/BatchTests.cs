using System.Management.Automation;
using KiroPool.Engine;
using KiroPool.Engine.Diagnostics;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>The progress and the end of a batch.</summary>
[Long]
public sealed class BatchTests
{
    [Fact]
    public void A_stream_writes_update_objects_and_then_the_result()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("'first', 'second [[tool read]]' | Invoke-KiroPrompt -Stream -ThrottleLimit 1").WithoutError();

        object[] all = [.. ran.Output.Select(o => o!.BaseObject)];
        int firstResult = Array.FindIndex(all, o => o is PromptResult);
        Assert.All(all[..firstResult], o => Assert.Equal(0, Assert.IsType<PromptUpdate>(o).Index));
        Assert.All(all[(firstResult + 1)..^1], o => Assert.Equal(1, Assert.IsType<PromptUpdate>(o).Index));
        Assert.IsType<PromptResult>(all[^1]);
        Assert.Equal(ran.Texts[0], string.Concat(all[..firstResult].Cast<PromptUpdate>().Where(u => u.Kind == "Text").Select(u => u.Text)));
        Assert.Contains(all.OfType<PromptUpdate>(), u => u is { Kind: "ToolCall", ToolCall.Kind: "read" });
    }

    [Fact]
    public void A_stream_in_order_keeps_each_prompt_together()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(3);

        Ran ran = module.Run("'a [[sleep 300]]', 'b', 'c [[sleep 100]]' | Invoke-KiroPrompt -Stream -Ordered").WithoutError();

        int[] indexes = [.. ran.Output.Select(o => o!.BaseObject is PromptUpdate update ? update.Index : ((PromptResult)o.BaseObject).Index)];
        Assert.Equal(indexes.Order(), indexes);
    }

    // Beside the third failure, only the prompts that already run can fail: with two agents one more.
    [Theory]
    [InlineData("-ThrottleLimit 1", 3)]
    [InlineData("-ThrottleLimit 1 -Ordered", 3)]
    [InlineData("", 4)]
    [InlineData("-Ordered", 4)]
    public void MaxFailures_ends_the_batch(string parameters, int most)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run($"1..200 | ForEach-Object {{ \"n$_ [[error no]]\" }} | Invoke-KiroPrompt -MaxFailures 3 {parameters}");

        Assert.Equal(3, ran.Errors.Count(e => e.FullyQualifiedErrorId.StartsWith("AgentError,", StringComparison.Ordinal)));
        Assert.StartsWith("TooManyFailures,", ran.Errors[^1].FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.InRange(agent.Prompts.Count, 3, most);
        Assert.Equal("Completed", module.Run("Invoke-KiroPrompt 'afterwards'").WithoutError().Result.Outcome);
    }

    [Fact]
    public void Prompts_that_were_read_ahead_do_not_start_after_the_last_failure()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("1..20 | ForEach-Object { \"[[sleep 450]][[error $_]]\" } | Invoke-KiroPrompt -MaxFailures 2 -ThrottleLimit 1");

        Assert.StartsWith("TooManyFailures,", ran.Errors[^1].FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(2, agent.Prompts.Count);
    }

    [Fact]
    public void Fewer_failures_do_not_end_the_batch_and_invalid_inputs_count()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Assert.Equal(2, module.Run("'', 'a', '', 'b' | Invoke-KiroPrompt -MaxFailures 3").Errors.Count);
        Assert.StartsWith("TooManyFailures,", module.Run("'', 'a', '', 'b' | Invoke-KiroPrompt -MaxFailures 2").Errors[2].FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_counts_prompts_is_throttled_and_always_completes()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        // All are read at once, so that the numbers are the same from the first record to the last prompts.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Ran ran = module.Run("1..8 | ForEach-Object { \"n$_ [[sleep 600]]\" } | Invoke-KiroPrompt -ThrottleLimit 8");

        ProgressRecord[] bar = [.. ran.Progress.Where(r => r.ParentActivityId < 0)];
        Assert.InRange(bar.Length, 2, (clock.ElapsedMilliseconds / 200) + 1);
        Assert.Equal(ProgressRecordType.Completed, bar[^1].RecordType);
        Assert.All(bar.SkipLast(1), r => Assert.Equal((ProgressRecordType.Processing, "Invoke-KiroPrompt"), (r.RecordType, r.Activity)));
        Assert.Contains(bar, r => r.StatusDescription.Contains("2 running", StringComparison.Ordinal));
        Assert.Contains(bar, r => r is { PercentComplete: > 0 and <= 100, SecondsRemaining: >= 0 });
        Assert.Single(bar.Select(r => r.ActivityId).Distinct());
    }

    [Fact]
    public void Progress_counts_the_inputs_behind_the_throttle()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        using RunningScript running = module.Begin("1..6 | ForEach-Object { \"n$_ [[hang]]\" } | Invoke-KiroPrompt");

        Eventually.Holds(() => running.SoFar.Progress.Any(r =>
            r.StatusDescription.Contains("2 running, 4 queued", StringComparison.Ordinal) && r.StatusDescription.Contains("6 in all", StringComparison.Ordinal)));
        running.Stop();
    }

    [Fact]
    public void Progress_has_a_line_for_each_agent()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);
        string[] names = [.. Enumerable.Range(0, 2).Select(i => agent.File($"file{i}.md", "x").Name)];

        using RunningScript running = module.Begin("Get-ChildItem $Agent.WorkingDirectory -Filter *.md | Invoke-KiroPrompt 'look [[hang]]'");

        Eventually.Holds(() => names.All(name => Lines(running.SoFar).Any(line =>
            line.Activity.Contains(name, StringComparison.Ordinal) && line.StatusDescription.Contains(" s, process ", StringComparison.Ordinal))));
        Ran ran = running.SoFar;
        Assert.Equal(2, Lines(ran).Select(line => line.ActivityId).Distinct().Count());
        int bar = ran.Progress.First(r => r.ParentActivityId < 0).ActivityId;
        Assert.All(Lines(ran), line => Assert.Equal(bar, line.ParentActivityId));
        running.Stop();
    }

    [Fact]
    public void Progress_ends_the_line_of_each_agent()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run("1..4 | Invoke-KiroPrompt 'look [[sleep 1200]]'").WithoutError();

        Assert.NotEmpty(Lines(ran));
        Assert.All(Lines(ran).GroupBy(line => line.ActivityId), line => Assert.Equal(ProgressRecordType.Completed, line.Last().RecordType));
    }

    private static ProgressRecord[] Lines(Ran ran) => [.. ran.Progress.Where(r => r.ParentActivityId >= 0)];

    [Theory]
    [InlineData("Start-KiroPool @Agent", "starting an agent", false)]
    [InlineData("New-KiroSession review", "starting an agent", true)]
    [InlineData("Invoke-KiroPrompt 'x'", "1 starting", true)]
    public void Progress_shows_a_start(string script, string status, bool needsPool)
    {
        using var agent = new SimulatedAgent(new { startMs = 1500 });
        using var module = new ModuleRunspace(agent);
        if (needsPool)
            module.Run("Start-KiroPool @Agent -MinSize 0").WithoutError();

        Ran ran = module.Run(script).WithoutError();

        Assert.Contains(ran.Progress, r => r.StatusDescription.Contains(status, StringComparison.Ordinal));
        Assert.Equal(ProgressRecordType.Completed, ran.Progress[^1].RecordType);
    }

    [Fact]
    public void Progress_shows_what_a_stop_waits_for()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        PoolInfo pool = module.StartWarm(1);
        other.Set("Pool", pool);
        using RunningScript prompts = module.Begin("'[[sleep 1500]] 1', '2' | Invoke-KiroPrompt -ThrottleLimit 2");
        Eventually.Holds(() => agent.Count("prompt") == 1 && pool.Pool.GetStatistics().WaitingCount == 1);

        Ran stop = other.Run("Stop-KiroPool -Pool $Pool").WithoutError();

        Assert.Contains(stop.Progress, r => r.Activity == "Stop-KiroPool" && r.StatusDescription.Contains("draining: 1 running, 1 queued", StringComparison.Ordinal));
        Assert.Contains(prompts.End().Progress, r => r.StatusDescription.Contains("the pool is draining", StringComparison.Ordinal));
    }

    [Fact]
    public void Progress_shows_a_throttled_account()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("'[[ratelimit]]' | Invoke-KiroPrompt; Invoke-KiroPrompt 'x' -TimeoutSec 2");

        Assert.Contains(ran.Progress, r => r.StatusDescription.Contains("throttled until ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1..8 | ForEach-Object { \"n$_ [[sleep 2000]]\" } | Invoke-KiroPrompt | Select-Object -First 1")]
    [InlineData("'[[sleep 900]]', '[[error no]]', 'c' | Invoke-KiroPrompt -ErrorAction Stop")]
    [InlineData("'[[sleep 900]]', '[[error no]]', 'c' | Invoke-KiroPrompt -MaxFailures 1")]
    public void Progress_disappears_when_the_batch_ends_early(string script)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run(script);

        Assert.NotEmpty(ran.Progress);
        Assert.Equal(ProgressRecordType.Completed, ran.Progress[^1].RecordType);
    }

    [Fact]
    public void Progress_can_be_turned_off()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Assert.Empty(module.Run("Invoke-KiroPrompt '[[sleep 900]]' -ProgressAction Ignore").WithoutError().Progress);
    }

    [Fact]
    public void The_information_stream_gets_a_summary_with_tags()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("'a', '', 'c [[error no]]' | Invoke-KiroPrompt -InformationVariable said; $said");

        InformationRecord record = ran.Values<InformationRecord>().Single();
        BatchSummary summary = Assert.IsType<BatchSummary>(record.MessageData is PSObject wrapped ? wrapped.BaseObject : record.MessageData);
        Assert.Equal((1, 2), (summary.Completed, summary.Failed));
        Assert.Equal(["KiroPool", "Summary"], record.Tags);
        Assert.StartsWith("1 prompt completed and 2 failed in ", summary.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_and_debug_describe_a_prompt_on_a_warm_pool()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("Invoke-KiroPrompt 'my secret' -Verbose -Debug").WithoutError();

        Assert.Contains(ran.Verbose, line => line.StartsWith($"Prompt 0 goes to process {ran.Result.ProcessId} after ", StringComparison.Ordinal));
        Assert.Contains(ran.Verbose, line => line.StartsWith("Prompt 0: Completed after ", StringComparison.Ordinal));
        Assert.Contains(ran.Debug, line => line.Contains($"session {ran.Result.SessionId}", StringComparison.Ordinal));
        Assert.DoesNotContain(ran.Verbose.Concat(ran.Debug), line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void A_warning_of_the_pool_reaches_the_warning_stream_without_verbose()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        AgentPool pool = module.Run("Start-KiroPool @Agent -MinSize 0").WithoutError().Value<PoolInfo>().Pool;
        using IDisposable writing = pool.Log.Subscribe(e =>
        {
            if (e.Message.Contains("is being started", StringComparison.Ordinal))
                pool.Log.Write(new PoolEvent(PoolEventLevel.Warning, "a fault of a test"));
        });

        Ran ran = module.Run("Invoke-KiroPrompt 'hello'").WithoutError();

        Assert.Equal("a fault of a test", Assert.Single(ran.Warnings));
        Assert.Empty(ran.Verbose);
    }
}
