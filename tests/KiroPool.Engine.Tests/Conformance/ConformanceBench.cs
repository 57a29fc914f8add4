using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>
/// A pool of the agent in tests/ConformanceAgent, one process unless the test wants more. That agent is built on the
/// protocol's own SDK: it finds errors that an agent of this repository would share with the engine.
/// </summary>
internal sealed class ConformanceBench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    public ConformanceBench(PoolOptions? options = null, string? agent = null, string? model = null, TimeProvider? time = null, bool isFull = false, SessionSettings? session = null, bool isInteractive = false)
    {
        string node = ConformanceAgent.Node, script = ConformanceAgent.Script;
        _folder = Directory.CreateTempSubdirectory("kiropool-conformance-");
        Spec = new AgentSpec
        {
            Executable = node,
            Arguments = isFull ? [script, "full"] : [script],
            Session = session ?? SessionSettings.Default,
            IsInteractive = isInteractive,
            WorkingDirectory = _folder.FullName,
            Agent = agent,
            Model = model,
        };
        Pool = new AgentPool(options ?? new PoolOptions { MinSize = 0, MaxSize = 1 }, Spec, time);
    }

    public AgentSpec Spec { get; }

    public AgentPool Pool { get; }

    /// <summary>Runs a prompt that completes.</summary>
    public Task<PromptResult> RunAsync(string prompt, Action<PromptUpdate>? onUpdate = null) =>
        Pool.PromptAsync(new PromptRequest { Prompt = prompt, OnUpdate = onUpdate }).InTime();

    /// <summary>Runs a prompt that does not complete.</summary>
    public Task<PromptFailedException> FailAsync(string prompt, Action<PromptUpdate>? onUpdate = null, TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        Assert.ThrowsAsync<PromptFailedException>(
            () => Pool.PromptAsync(new PromptRequest { Prompt = prompt, OnUpdate = onUpdate, Timeout = timeout }, cancellationToken).InTime());

    /// <summary>Runs a prompt whose answer is JSON.</summary>
    public async Task<JsonElement> AskAsync(string prompt) => JsonSerializer.Deserialize<JsonElement>((await RunAsync(prompt)).Text);

    /// <summary>Cancels a prompt after its first text.</summary>
    public async Task<PromptFailedException> CancelAsync(string prompt)
    {
        using var cancel = new CancellationTokenSource();
        return await FailAsync(prompt, _ => cancel.CancelAsync(), cancellationToken: cancel.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync().AsTask().InTime();
        _folder.Delete(recursive: true);
    }
}
