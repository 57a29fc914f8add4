using KiroPool.Engine.Pooling;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;
using KiroPool.Engine.Tests.Simulated;

namespace KiroPool.Engine.Tests.Processes;

/// <summary>A scan of all processes is not free, so one scan serves all concurrent requests.</summary>
[Collection(typeof(Alone))]
public sealed class ProcessTableTests
{
    [Fact]
    public async Task Statistics_of_many_agents_scan_the_processes_once()
    {
        ShellAgent.Require();
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 6, MaxSize = 6, MaxStarting = 6 });
        await pool.Pool.WarmAsync(CancellationToken.None).InTime();
        await pool.IdleAsync(6);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

        long before = ProcessTable.ReadCount;
        PoolStatistics statistics = pool.Statistics;

        Assert.Equal(1, ProcessTable.ReadCount - before);
        Assert.Equal(6, statistics.Processes.Count);
        Assert.All(statistics.Processes, process => Assert.InRange(process.MemoryBytes!.Value, 1_000_000, 1_000_000_000));
    }

    [Fact]
    public async Task The_memory_of_an_agent_that_is_younger_than_the_last_table_is_known()
    {
        ShellAgent.Require();
        ProcessTable.ReadRecent(since: 0);
        await using ShellAgent agent = ShellAgent.Start("echo ready; cat");
        await agent.ReadLineAsync();

        Assert.NotNull(agent.Process.ReadMemoryBytes());
    }

    [Fact]
    public async Task Concurrent_requests_share_a_table_that_was_read_after_them()
    {
        ShellAgent.Require();
        await ProcessTable.ReadNewAsync().InTime();
        long before = ProcessTable.ReadCount;
        await using ShellAgent agent = ShellAgent.Start("echo $$; read line");
        int id = await agent.ReadIdAsync();

        ProcessTable[] tables = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ProcessTable.ReadNewAsync())).InTime();

        Assert.InRange(ProcessTable.ReadCount - before, 1, 2);
        Assert.All(tables, table => Assert.Contains(table.Find(id, "no marker"), process => process.Id == id));
    }
}
