using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The prompt that an agent runs.</summary>
/// <param name="Index">Its index in its batch.</param>
/// <param name="Prompt">Its name, or its beginning.</param>
/// <param name="Since">When it was sent, on the pool's clock.</param>
internal sealed record AgentWork(int Index, string Prompt, long Since);

/// <summary>The connection and the tasks of one slot's process, from the start to the end of its last child.</summary>
internal sealed class AgentLife
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _opening = new();
    private AgentWork? _work;

    /// <summary>The connection; null before the start, or if none could be created.</summary>
    public IAgentConnection? Connection { get; private set; }

    public int? ProcessId => Connection?.ProcessId;

    /// <summary>The start time by the wall clock, for display only.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The prompt it runs now, for display only; null between prompts.</summary>
    public AgentWork? Work
    {
        get => Volatile.Read(ref _work);
        set => Volatile.Write(ref _work, value);
    }

    /// <summary>Completes when no process of the tree is left and the slot is free.</summary>
    public Task Left => _left.Task;

    /// <summary>Creates the connection and starts the process. Call <see cref="EndAsync"/> afterwards in every case.</summary>
    /// <returns>The reason why it did not become warm; null if it did.</returns>
    public async Task<AgentException?> OpenAsync(Func<IAgentConnection> connect, DateTimeOffset now)
    {
        try
        {
            CreatedAt = now;
            IAgentConnection connection = Connection = connect();

            // A caller that rents or returns an agent must not wait for the first steps of a start.
            await Task.Run(() => connection.OpenAsync(_opening.Token)).ConfigureAwait(false);
            return null;
        }
        catch (AgentException e)
        {
            return e;
        }
        catch (Exception e)
        {
            return new AgentException(FailureKind.AgentStartFailed, $"The agent could not be started: {e.Message}", e);
        }
        finally
        {
            _opened.TrySetResult();
        }
    }

    /// <summary>Ends the process, after a running start has ended. Otherwise the start would leave an unknown process.</summary>
    public async Task EndAsync(Func<bool> force)
    {
        await _opening.CancelAsync().ConfigureAwait(false);
        await _opened.Task.ConfigureAwait(false);
        if (Connection is { } connection)
            await connection.StopAsync(force()).ConfigureAwait(false);
    }

    /// <summary>Marks the slot as free.</summary>
    public void Leave() => _left.TrySetResult();
}
