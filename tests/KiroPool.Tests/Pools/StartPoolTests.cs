using System.Management.Automation;
using KiroPool.Engine.Pooling;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

public sealed class StartPoolTests
{
    [Fact]
    public void Start_KiroPool_describes_the_pool_and_waits_for_its_first_agent()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run("Start-KiroPool @Agent -MaxSize 4 -MinSize 1 -Model claude-haiku-4.5 -Agent kiro_planner").WithoutError().Value<PoolInfo>();

        Assert.Equal("Running", pool.State);
        Assert.Equal("Acp", pool.Protocol);
        Assert.Equal(Repository.Simulator, pool.FilePath);
        Assert.Equal(agent.Folder, pool.WorkingDirectory);
        Assert.Equal(("kiro_planner", "claude-haiku-4.5", 4, 1), (pool.Agent, pool.Model, pool.MaxSize, pool.MinSize));
        Assert.InRange(pool.CreatedAt, DateTimeOffset.Now.AddMinutes(-1), DateTimeOffset.Now);
        PoolStatistics statistics = module.Statistics();
        Assert.Equal(1, statistics.IdleCount);
        PoolProcess process = Assert.Single(statistics.Processes);
        Assert.Equal(("Idle", "kiro_planner", "claude-haiku-4.5", agent.Folder, 0), (process.State, process.Agent, process.Model, process.WorkingDirectory, process.UseCount));
        Assert.InRange(process.MemoryBytes!.Value, 1_000_000, 1_000_000_000);
        Assert.InRange(process.CreatedAt, pool.CreatedAt.AddSeconds(-1), DateTimeOffset.Now);
    }

    [Fact]
    public void Every_limit_has_the_engines_default_and_can_be_set()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolOptions byDefault = module.Run("Start-KiroPool @Agent -NoWait").WithoutError().Value<PoolInfo>().Options;
        PoolOptions set = module.Run("""
            Start-KiroPool @Agent -Force -MaxSize 7 -MinSize 0 -MaxStarting 3 -MaxUses 9 -IdleTimeoutSec 11.5 -MaxAgeSec 12 -StartTimeoutSec 13 -SessionTimeoutSec 14 -CancelGraceSec 15
            """).WithoutError().Value<PoolInfo>().Options;

        Assert.Equal(new PoolOptions(), byDefault);
        Assert.Equal(
            new PoolOptions
            {
                MaxSize = 7,
                MinSize = 0,
                MaxStarting = 3,
                MaxUses = 9,
                IdleTimeout = TimeSpan.FromSeconds(11.5),
                SweepInterval = TimeSpan.FromSeconds(2.875),
                MaxAge = TimeSpan.FromSeconds(12),
                StartTimeout = TimeSpan.FromSeconds(13),
                SessionTimeout = TimeSpan.FromSeconds(14),
                CancelGrace = TimeSpan.FromSeconds(15),
            },
            set);
    }

    [Fact]
    public void The_default_directory_is_the_present_location()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run("""
            $null = $ExecutionContext.SessionState.Path.SetLocation($Agent.WorkingDirectory); $Agent.Remove('WorkingDirectory'); Start-KiroPool @Agent -MinSize 0
            """).WithoutError().Value<PoolInfo>();

        Assert.Equal(agent.Folder, pool.WorkingDirectory);
    }

    [Fact]
    public void A_second_start_with_the_same_options_returns_the_pool()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent -MaxSize 2; $Agent.Environment = $Agent.Environment.Clone(); Start-KiroPool @Agent -MaxSize 2").WithoutError();

        Assert.Single(ran.Values<PoolInfo>().Distinct());
        Assert.Equal(1, agent.Count("start"));
    }

    [Theory]
    [InlineData("-MaxSize 3")]
    [InlineData("-MaxSize 2 -Model claude-haiku-4.5")]
    public void A_second_start_with_other_options_is_refused_and_the_pool_stays(string options)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.Run("Start-KiroPool @Agent -MaxSize 2").WithoutError().Value<PoolInfo>();

        ErrorRecord error = module.Run($"Start-KiroPool @Agent {options}").Error;

        Assert.Equal("PoolAlreadyStarted,KiroPool.Commands.StartKiroPoolCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.Same(pool, error.TargetObject);
        Assert.Contains("-Force", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("You said: x", module.Run("Invoke-KiroPrompt 'x'").WithoutError().Result.Text);
        Assert.Equal(1, agent.LiveProcesses);
    }

    [Fact]
    public void Force_gives_a_fresh_pool_for_the_same_options()
    {
        using var agent = new SimulatedAgent(new { loadSession = false });
        using var module = new ModuleRunspace(agent);
        PoolInfo held = module.Run("Start-KiroPool @Agent -MaxSize 1; $null = New-KiroSession review").WithoutError().Value<PoolInfo>();
        Assert.Equal("PoolHeldBySessions,KiroPool.Commands.InvokeKiroPromptCommand", module.Run("Invoke-KiroPrompt 'x'").Error.FullyQualifiedErrorId);

        PoolInfo fresh = module.Run("Start-KiroPool @Agent -MaxSize 1 -Force").WithoutError().Value<PoolInfo>();

        Assert.Equal(("Stopped", "Running"), (held.State, fresh.State));
        Assert.Equal("You said: x", module.Run("Invoke-KiroPrompt 'x'").WithoutError().Result.Text);
    }

    [Fact]
    public void A_pool_of_a_protocol_with_one_conversation_per_process_shares_no_processes()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("Start-KiroPool @Agent -Protocol Delimited -SessionsPerProcess 2").Error;

        Assert.Equal("NotSupported,KiroPool.Commands.StartKiroPoolCommand", error.FullyQualifiedErrorId);
        Assert.Contains("-SessionsPerProcess", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Force_replaces_the_pool()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        PoolInfo old = module.Run("Start-KiroPool @Agent -MaxSize 2").WithoutError().Value<PoolInfo>();

        PoolInfo pool = module.Run("Start-KiroPool @Agent -MaxSize 3 -Force").WithoutError().Value<PoolInfo>();

        Assert.Equal(("Stopped", "Running", 3), (old.State, pool.State, pool.MaxSize));
        Assert.Equal(1, agent.LiveProcesses);
        Assert.Equal(module.Statistics().Processes.Single().ProcessId, module.Run("Invoke-KiroPrompt 'x'").WithoutError().Result.ProcessId);
    }

    [Fact]
    public void A_pool_starts_right_after_the_last_one_stopped()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("1..5 | ForEach-Object { $null = Start-KiroPool @Agent -MinSize 2; Invoke-KiroPrompt \"round $_\"; Stop-KiroPool }").WithoutError();

        Assert.Equal(5, ran.Results.Count);
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Fact]
    public void NoWait_returns_before_an_agent_is_warm()
    {
        using var agent = new SimulatedAgent(new { startMs = 3000 });
        using var module = new ModuleRunspace(agent);

        module.Run("Start-KiroPool @Agent -NoWait").WithoutError();

        Assert.Equal(0, agent.Count("initialize"));
        Assert.Equal(1, module.Statistics().StartingCount);
    }

    [Fact]
    public void With_NoWait_the_first_prompt_reports_a_failed_start()
    {
        using var agent = new SimulatedAgent(new { signedIn = false });
        using var module = new ModuleRunspace(agent);

        module.Run("Start-KiroPool @Agent -NoWait").WithoutError();

        Assert.StartsWith("SignInRequired,", module.Run("Invoke-KiroPrompt 'x'").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void MinSize_agents_become_warm_without_a_prompt()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run("Start-KiroPool @Agent -MinSize 3 -MaxSize 3").WithoutError();

        Eventually.Holds(() => module.Statistics().IdleCount == 3);
        Assert.Equal(3, agent.LiveProcesses);
    }

    [Fact]
    public void A_pool_smaller_than_the_default_minimum_needs_no_MinSize()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Assert.Equal(1, module.Run("Start-KiroPool @Agent -MaxSize 1").WithoutError().Value<PoolInfo>().MinSize);
    }

    [Theory]
    [InlineData("", 30)]
    [InlineData("-IdleTimeoutSec 0 -MaxAgeSec 0", 30)]
    [InlineData("-IdleTimeoutSec 8", 2)]
    [InlineData("-MaxAgeSec 60", 15)]
    [InlineData("-IdleTimeoutSec 0.01", 0.25)]
    public void Idle_processes_are_checked_as_often_as_the_shortest_limit_requires(string limits, double seconds)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run($"Start-KiroPool @Agent -NoWait {limits}").WithoutError().Value<PoolInfo>();

        Assert.Equal(seconds, pool.Options.SweepInterval.TotalSeconds);
    }
}
