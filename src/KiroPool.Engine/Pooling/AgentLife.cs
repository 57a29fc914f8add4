using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The connection and the tasks of one slot's process, from the start to the end of its last child.</summary>
internal sealed class AgentLife
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _opening = new();

    /// <summary>The connection; null until the start is under way, and for good where none could be made.</summary>
    public IAgentConnection? Connection { get; private set; }

    public int? ProcessId => Connection?.ProcessId;

    /// <summary>When the start began, by the wall clock: to be shown only.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Completes when nothing of the process is left and its slot is free.</summary>
    public Task Left => _left.Task;

    /// <summary>Makes the connection and starts the process. Whatever happens, <see cref="EndAsync"/> is due afterwards.</summary>
    /// <returns>Why it did not become warm; null when it did.</returns>
    public async Task<AgentException?> OpenAsync(Func<IAgentConnection> connect, DateTimeOffset now)
    {
        try
        {
            CreatedAt = now;
            IAgentConnection connection = Connection = connect();

            // The caller returned or asked for an agent; it must not wait for the first steps of a start.
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

    /// <summary>Ends the process. A start is over before: otherwise it would leave a process behind that the pool does not know.</summary>
    public async Task EndAsync(Func<bool> force)
    {
        await _opening.CancelAsync().ConfigureAwait(false);
        await _opened.Task.ConfigureAwait(false);
        if (Connection is { } connection)
            await connection.StopAsync(force()).ConfigureAwait(false);
    }

    /// <summary>The slot is free.</summary>
    public void Leave() => _left.TrySetResult();
}
