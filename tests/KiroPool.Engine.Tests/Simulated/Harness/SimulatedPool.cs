using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>A pool of simulated agents. Disposing it stops the pool and fails if a process is left.</summary>
internal sealed class SimulatedPool : IAsyncDisposable
{
    private readonly List<(DateTime Time, string Text)> _log = [];

    /// <param name="settings">Properties of SimulatorSettings, in camelCase.</param>
    /// <param name="options">The pool's; without, one that starts nothing by itself.</param>
    /// <param name="agent">The agent (mode) asked for.</param>
    /// <param name="model">The model asked for.</param>
    /// <param name="protocol">How the agents are talked to.</param>
    /// <param name="text">What only plain text fixes at the start.</param>
    /// <param name="engine">The engine of kiro-cli, where the settings do not say.</param>
    public SimulatedPool(
        object? settings = null,
        PoolOptions? options = null,
        string? agent = null,
        string? model = null,
        AgentProtocol protocol = AgentProtocol.Acp,
        TextSettings? text = null,
        string? engine = null)
    {
        Agent = new SimulatedAgent(settings, protocol, text, engine);
        Pool = new AgentPool(options ?? new PoolOptions { MinSize = 0 }, Agent.Spec.With(agent, model));
        Pool.Log.Subscribe(e =>
        {
            lock (_log)
                _log.Add((DateTime.UtcNow, e.ToString()));
        });
    }

    public SimulatedAgent Agent { get; }

    public AgentPool Pool { get; }

    public PoolStatistics Statistics => Pool.GetStatistics();

    /// <summary>The log of the pool, with times.</summary>
    public IReadOnlyList<(DateTime Time, string Text)> Log
    {
        get
        {
            lock (_log)
                return [.. _log];
        }
    }

    /// <summary>Runs a prompt that completes.</summary>
    public Task<PromptResult> AskAsync(string prompt) => Pool.PromptAsync(new PromptRequest { Prompt = prompt }).InTime();

    /// <summary>Runs a prompt that may end in any way.</summary>
    public Task<(PromptResult Result, AgentException? Failure)> RunAsync(PromptRequest request, CancellationToken cancellationToken = default) =>
        Pool.RunAsync(request, cancellationToken).InTime();

    /// <summary>Runs a prompt that fails, and returns the reason.</summary>
    public async Task<AgentException> FailAsync(string prompt) =>
        (await RunAsync(new PromptRequest { Prompt = prompt })).Failure ?? throw new InvalidOperationException($"'{prompt}' was answered.");

    /// <summary>Waits until the agents' log shows an event so many times.</summary>
    public Task LoggedAsync(string name, int times = 1) => Eventually.HoldsAsync(() => Agent.Count(name) >= times, $"{times} × {name} in the agents' log");

    /// <summary>Waits until no agent starts, runs or stops, and a number of them are idle.</summary>
    public Task IdleAsync(int count) => Eventually.HoldsAsync(
        () => Statistics is { StartingCount: 0, ActiveCount: 0, StoppingCount: 0 } now && now.IdleCount == count, $"{count} idle agents and no others");

    public async ValueTask DisposeAsync()
    {
        await Pool.StopAsync(PoolStopMode.Cancel).InTime();
        Agent.AssertNothingLives();
        Agent.Dispose();
    }
}
