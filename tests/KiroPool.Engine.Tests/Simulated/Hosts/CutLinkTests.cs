using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Processes.Far;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

/// <summary>A host behind a real sshd and a cable of its own, and a batch during which the cable is pulled.</summary>
public sealed class CutLinkTests
{
    private static readonly TimeSpan Lost = TimeSpan.FromSeconds(4);

    // Wrapper, agent, and a grandchild in its own session. All of them ignore every signal except SIGKILL.
    private static readonly object Stubborn = new { turnMs = 300, wrapper = true, ignoreEof = true, ignoreSigterm = true, grandchild = "setsid" };

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Every_prompt_has_one_outcome_nothing_is_left_and_the_host_is_used_again(bool isShared, bool isStubborn)
    {
        using var network = new FarNetwork();
        Assert.SkipWhen(LoopbackSshd.WhyMissing is not null, LoopbackSshd.WhyMissing ?? "");
        using var sshd = new LoopbackSshd(address: network.Address, enter: network.Enter);
        await using var pool = new SimulatedPool(isStubborn ? Stubborn : new { turnMs = 300 }, Options(sshd, isShared));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => pool.AskAsync($"warm {i}")));
        await Eventually.HoldsAsync(() => pool.Statistics.Processes.Count(process => process is { HostName: "far", State: "Idle" }) == 2);
        int[] doomed = [.. pool.Statistics.Processes.Where(process => process.HostName == "far").Select(process => process.ProcessId!.Value)];

        Task<(PromptResult Result, AgentException? Failure)>[] batch = [.. Enumerable.Range(0, 30).Select(i => pool.RunAsync(new PromptRequest { Prompt = $"prompt {i}" }))];
        await Eventually.HoldsAsync(() => pool.Agent.Prompts.Count >= 14 && pool.Statistics.Processes.Any(process => process is { HostName: "far", State: "Active" }));
        network.Cut();
        (PromptResult Result, AgentException? Failure)[] ended = await Task.WhenAll(batch).InTime();

        (PromptResult Result, AgentException? Failure)[] failed = [.. ended.Where(one => one.Failure is not null)];
        Assert.InRange(failed.Length, 1, 2);
        Assert.All(failed, one => Assert.Equal(("Indeterminate", FailureKind.HostLost, "far"), (one.Result.Outcome, one.Failure!.Kind, one.Result.HostName)));
        Assert.Equal(pool.Agent.Prompts.Count, pool.Agent.Prompts.Distinct().Count());
        await Eventually.HoldsAsync(() => !doomed.Any(LiveProcesses.IsAlive));
        Assert.True(DateTimeOffset.UtcNow <= failed.Max(one => one.Result.FencedAt), "The agents were ended later than the results say.");

        network.Mend();
        string? host = null;
        for (int i = 0; host != "far" && i < 100; i++)
            host = (await Task.WhenAll(Enumerable.Range(0, 4).Select(n => pool.AskAsync($"after {i} {n}")))).Select(result => result.HostName).FirstOrDefault(name => name == "far");
        Assert.Equal("far", host);
    }

    private static PoolOptions Options(LoopbackSshd sshd, bool isShared)
    {
        CommandPrefix ssh = new SshHost { HostName = "far", Port = sshd.Port, KeyFilePath = sshd.KeyFile, Options = sshd.Options }.ToPrefix(LoopbackSshd.Find("ssh")!, TimeSpan.FromSeconds(5));
        return new PoolOptions
        {
            MinSize = 0,
            MaxSize = 2,
            MaxUses = 0,
            HostLostAfter = Lost,
            StopGrace = TimeSpan.FromMilliseconds(500),
            KillGrace = TimeSpan.FromMilliseconds(500),
            Hosts = new HostList(
                new AgentHost { Name = "far", Prefix = ssh, SharesConnection = isShared },
                new AgentHost { Name = "near", Prefix = FarBench.Plain }),
        };
    }
}
