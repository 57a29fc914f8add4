using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>
/// A process with one conversation: messages on stdin and responses on stdout, each ended by a delimiter. Stdout is read
/// all the time, so that an unrequested response is detected before it could be taken for the next answer.
/// </summary>
internal sealed class DelimitedConnection(TextAgentParts parts) : TextAgentConnection(parts), IResponseSink
{
    private readonly object _gate = new();

    // Output without an open message. It belongs to the next response.
    private readonly List<byte[]> _early = [];
    private readonly TaskCompletionSource _readToEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DelimitedTurn? _turn;
    private TurnSilence? _silence;
    private long _bytes;

    /// <summary>Completes when the process can answer no more: it has ended and its stdout is read, or it violated the protocol.</summary>
    public Task ReadToEnd => _readToEnd.Task;

    public override int MostConversations => 1;

    /// <summary>Starts a turn: responses belong to it from now on.</summary>
    public void Begin(DelimitedTurn turn, TurnSilence silence)
    {
        lock (_gate)
        {
            (_turn, _silence, _bytes) = (turn, silence, 0);
            foreach (byte[] bytes in _early)
                turn.Append(bytes);
            _early.Clear();
        }
    }

    /// <summary>Ends the turn, whatever its outcome.</summary>
    public void End(DelimitedTurn turn)
    {
        lock (_gate)
        {
            if (_turn == turn)
                _turn = null;
            _silence = null;
        }
    }

    /// <summary>Writes a message and its delimiter. Returns false if the process did not read all of it.</summary>
    public async Task<bool> WriteAsync(string message)
    {
        try
        {
            await AgentInput.SendAsync(Process.Input, Encoding.UTF8.GetBytes(message + Spec.Text.MessageDelimiter)).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return false;
        }
    }

    public void OnBytes(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if ((_bytes += bytes.Length) > MostBytes)
                Break($"It wrote more than {MostBytes >> 20} MiB without the response delimiter.");
            else if (_turn is { } turn)
                turn.Append(bytes);
            else
                _early.Add(bytes.ToArray());
        }
    }

    public void OnEnd()
    {
        lock (_gate)
        {
            _bytes = 0;
            if (_turn is null)
                Break("It sent an unrequested response, so its answers can no longer be matched to prompts.");
            _turn?.End();
            _turn = null;
        }
    }

    protected override void Started() => _ = ReadAsync(Process);

    protected override IAgentSession MakeSession() => new DelimitedSession(this);

    protected override void EndedInUse() => Close("it ended");

    private async Task ReadAsync(AgentProcess process)
    {
        Task reading = ReadAllAsync(process);
        await Task.WhenAny(reading, process.Exited).ConfigureAwait(false);
        await HostPause.SettleAsync(reading, AgentProcess.DrainLimit).ConfigureAwait(false);
        _readToEnd.TrySetResult();
        Die("it closed its output");

        // A process that has closed its output is of no further use.
        _ = process.StopAsync(Limits.StopGraces, Time);
    }

    private async Task ReadAllAsync(AgentProcess process)
    {
        var reader = new DelimiterReader(Encoding.UTF8.GetBytes(Spec.Text.ResponseDelimiter), this);
        var buffer = new byte[8192];
        try
        {
            int count;
            while ((count = await process.Output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Volatile.Read(ref _silence)?.Heard();
                reader.Append(buffer.AsSpan(0, count));
                if (BrokenWord is not null)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The process is gone. Earlier output is kept.
        }
    }

    private void Break(string what)
    {
        BrokenWord ??= new AgentException(FailureKind.ProtocolViolation, $"The agent (process {ProcessId}) violated the delimiter protocol. {what}");
        Spoil();
        Die(what);
    }
}
