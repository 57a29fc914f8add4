using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>The outcome and time of a prompt of a cell.</summary>
internal sealed record CellOutcome(CellPrompt Prompt, PromptResult Result, AgentException? Failure, string Streamed, DateTime EndedAt);

/// <summary>Runs a cell and checks every invariant.</summary>
internal sealed class CellRun(Cell cell, MachineLateness lateness)
{
    private readonly CellScript _script = new(cell);

    public int PromptCount { get; private set; }

    public TimeSpan Took { get; private set; }

    /// <exception cref="Exception">An invariant is broken. The message begins with the seed.</exception>
    public async Task RunAsync()
    {
        var watch = Stopwatch.StartNew();
        try
        {
            var pool = new SimulatedPool(_script.Settings, _script.Options, model: _script.Model);
            try
            {
                await RunAsync(pool);
            }
            finally
            {
                await pool.DisposeAsync();
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{cell}: {e.Message}", e);
        }

        Took = watch.Elapsed;
    }

    private async Task RunAsync(SimulatedPool pool)
    {
        CellOutcome[] first = await Task.WhenAll(_script.Prompts.Take(_script.TogetherFirst).Select(prompt => RunAsync(pool, prompt)));
        CellOutcome[] then = await Task.WhenAll(_script.Prompts.Skip(_script.TogetherFirst).Select(prompt => RunAsync(pool, prompt)));
        CellOutcome[] faulty = [.. first, .. then];
        List<CellOutcome> clean = await RunUntilCleanAsync(pool);
        CellOutcome[] all = [.. faulty, .. clean];
        PromptCount = all.Length;

        AssertOneOutcomeEach(pool, all);
        AssertSentAtMostOnce(pool.Agent.Prompts, all);
        foreach (CellOutcome outcome in all)
            AssertAnswerIsItsOwn(outcome);
        AssertHarm(faulty);
        new CellTimes(pool, _script, lateness).AssertKept(all);
        await pool.Pool.StopAsync(_script.TogetherFirst % 2 == 0 ? PoolStopMode.Drain : PoolStopMode.Cancel).InTime();
        pool.Agent.AssertNothingLives();
        AssertFaultStruck(pool.Agent);
    }

    /// <summary>The pool is usable: a prompt without a fault is answered. Per fault, one prompt on an ending agent may fail.</summary>
    private async Task<List<CellOutcome>> RunUntilCleanAsync(SimulatedPool pool)
    {
        var outcomes = new List<CellOutcome>();
        while (outcomes.Count <= 2 * _script.FaultCount)
        {
            outcomes.Add(await RunAsync(pool, CellScript.CleanPrompt(outcomes.Count)));
            if (outcomes[^1].Failure is null)
                return outcomes;
        }

        throw new InvalidOperationException($"{outcomes.Count} clean prompts failed after {_script.FaultCount} faults, the last one so: {outcomes[^1].Failure!.Message}");
    }

    private static async Task<CellOutcome> RunAsync(SimulatedPool pool, CellPrompt prompt)
    {
        using var cancel = new CancellationTokenSource();
        var streamed = new System.Text.StringBuilder();
        (PromptResult result, AgentException? failure) = await pool.RunAsync(
            new PromptRequest
            {
                Prompt = prompt.Text,
                Timeout = prompt.Timeout,
                RetryCount = prompt.RetryCount,
                OnUpdate = update =>
                {
                    streamed.Append(update.Text);
                    if (prompt.IsCancelled)
                        cancel.Cancel();
                },
            },
            cancel.Token);
        return new CellOutcome(prompt, result, failure, streamed.ToString(), DateTime.UtcNow);
    }

    /// <summary>A cell without a visible fault proves nothing.</summary>
    private void AssertFaultStruck(SimulatedAgent agent)
    {
        if (_script.Fault.Match is { } mark)
            Assert.Contains(agent.Prompts, prompt => prompt.Contains(mark, StringComparison.Ordinal));
        else
            Assert.True(int.Parse(File.ReadAllText(Path.Combine(agent.Folder, CellScript.StateFile)), CultureInfo.InvariantCulture) > _script.Fault.After, "The fault did not strike.");
        if (cell.Stage == "cancel")
            Assert.NotEmpty(agent.Of("cancel"));
    }

    private static void AssertOneOutcomeEach(SimulatedPool pool, CellOutcome[] all)
    {
        PoolStatistics now = pool.Statistics;
        Assert.Equal(all.Length, now.Completed + now.Failed + now.Cancelled + now.TimedOut + now.Indeterminate);
        Assert.Equal(all.Count(o => o.Result.Outcome == "Completed"), now.Completed);
        Assert.All(all, o => Assert.Equal(o.Failure is null, o.Result.Outcome == "Completed"));
        Assert.All(all, o => Assert.Equal(o.Prompt.Text, o.Result.Prompt));
        Assert.Equal(0, now.WaitingCount);
    }

    private static void AssertSentAtMostOnce(IReadOnlyList<string> seen, CellOutcome[] all)
    {
        Assert.Empty(seen.Except(all.Select(o => o.Prompt.Text)));
        foreach (CellOutcome outcome in all)
        {
            int times = seen.Count(text => text == outcome.Prompt.Text);
            int least = outcome.Result.Outcome is "Completed" ? 1 : 0;
            Assert.True(times >= least && times <= 1 + outcome.Prompt.RetryCount, $"The agents saw '{outcome.Prompt.Text}' {times} times; it is {outcome.Result.Outcome}.");
        }
    }

    /// <summary>The answer belongs to this prompt, whole and in order. Huge lines are streamed as a run of x.</summary>
    private void AssertAnswerIsItsOwn(CellOutcome outcome)
    {
        string text = cell.Fault == "hugeLine" ? outcome.Result.Text.Replace("x", "", StringComparison.Ordinal) : outcome.Result.Text;
        if (outcome.Failure is null)
            Assert.Equal(outcome.Prompt.Answer, text);
        else
            Assert.StartsWith(text, outcome.Prompt.Answer, StringComparison.Ordinal);
        if (outcome.Failure is null)
            Assert.Equal(outcome.Result.Text, outcome.Streamed);
    }

    private void AssertHarm(CellOutcome[] outcomes)
    {
        CellOutcome[] failed = [.. outcomes.Where(o => o.Failure is not null && !o.Prompt.IsCancelled)];
        Assert.All(outcomes.Where(o => o.Prompt.IsCancelled), o => Assert.Equal("Cancelled", o.Result.Outcome));
        int most = cell.Harm switch { Harm.None => 0, Harm.OnePrompt => _script.FaultCount, _ => outcomes.Length };
        Assert.True(failed.Length <= most, $"{failed.Length} of {outcomes.Length} prompts failed over {_script.FaultCount} faults: {string.Join(" | ", failed.Select(o => $"{o.Result.Outcome} {o.Failure!.Kind}: {o.Failure.Message}"))}");
        if (cell.IsInTurn && cell.Harm == Harm.OnePrompt)
            Assert.All(failed, o => Assert.True(o.Prompt.MeetsFault, $"'{o.Prompt.Text}' met no fault and failed: {o.Failure!.Message}"));
    }
}
