using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>A pool of simulated agents that keep their conversations in a folder, so that another process can resume them.</summary>
internal sealed class SessionBench : IAsyncDisposable
{
    private readonly TempFolder _store = new();
    private readonly SimulatedPool _pool;

    public SessionBench(object? settings = null, PoolOptions? options = null, string? model = null)
    {
        Dictionary<string, JsonElement> all = JsonSerializer.SerializeToElement(settings ?? new { }).EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        all["sessionStore"] = JsonSerializer.SerializeToElement(_store.FullName);
        _pool = new SimulatedPool(all, options, model: model);
    }

    /// <summary>The folder of the conversations.</summary>
    public string Store => _store.FullName;

    public AgentPool Pool => _pool.Pool;

    public SimulatedAgent Agent => _pool.Agent;

    /// <summary>Runs a prompt that completes.</summary>
    public static Task<PromptResult> SayAsync(Session session, string prompt, PermissionPolicy? permissions = null) =>
        session.PromptAsync(new PromptRequest { Prompt = prompt, Permissions = permissions }).InTime();

    /// <summary>Runs a prompt that fails.</summary>
    public static Task<PromptFailedException> FailAsync(Session session, string prompt) =>
        Assert.ThrowsAsync<PromptFailedException>(() => SayAsync(session, prompt));

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        _store.Dispose();
    }
}
