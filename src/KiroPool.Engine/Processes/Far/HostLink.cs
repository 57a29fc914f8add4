using System.Collections.Concurrent;
using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Processes.Far;

/// <summary>The limits of the links to far hosts.</summary>
/// <param name="LostAfter">The silence after which a link counts as lost.</param>
/// <param name="ConnectWithin">For a connection to a host, until its script runs.</param>
internal sealed record LinkLimits(TimeSpan LostAfter, TimeSpan ConnectWithin);

/// <summary>
/// The link of a pool to one far host, as long as the pool lives: there is a keeper before an agent, one that was killed is
/// replaced, and a lost link ends the prefixes of all its agents here, because nothing can be known of them any more.
/// </summary>
internal sealed class HostLink(AgentHost host, LinkLimits limits, TimeProvider time, IPoolLog log)
{
    // A keeper that has heard nothing for the limit needs no longer than this to end everything: 1 s, SIGTERM, 2 s, SIGKILL.
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(5);

    private static int _lastLink;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentDictionary<int, AgentProcess> _agents = new();

    private string _markers = NewMarkers();
    private readonly GuardianBrake _brake = new();
    private readonly SharedConnection? _shared = host is { SharesConnection: true, Prefix: { } own } ? new SharedConnection(own) : null;
    private HostKeeper? _keeper;
    private int _lastAgent;
    private bool _isClosed;

    /// <summary>Whether the host has a keeper that hears this machine.</summary>
    public bool IsUp => _keeper is { Ended.IsCompleted: false };

    /// <summary>Whether it was up and is not any more.</summary>
    public bool IsLost => _keeper is { Ended.IsCompleted: true };

    /// <summary>Whether the host has not answered in time, and may be lost.</summary>
    public bool IsLate => _keeper is { IsLate: true };

    /// <summary>From a beat to its echo; null before the first one.</summary>
    public TimeSpan? RoundTrip => _keeper?.RoundTrip;

    /// <summary>The keeper's prefix on this machine, while there is one.</summary>
    public int? KeeperProcessId => IsUp ? _keeper!.ProcessId : null;

    /// <summary>The directory for the socket of a shared connection, while there may be one.</summary>
    public string? SocketFolder => _shared?.Folder;

    /// <summary>Why the link was lost, as the end of a sentence about it.</summary>
    public string WhyLost { get; private set; } = "broke";

    /// <summary>The time after the loss of a link within which the far side has ended everything.</summary>
    public TimeSpan FencedAfter => limits.LostAfter + EndsWithin;

    public string NextMarker() => string.Create(CultureInfo.InvariantCulture, $"{_markers}{Interlocked.Increment(ref _lastAgent)}.");

    /// <summary>The far end of a new agent, in the keeper's connection if that is shared and has room.</summary>
    public FarEnd NewEnd(FarReport report, string marker)
    {
        ConnectionShare? share = _shared?.TryTake();
        return new FarEnd(host, report, this, marker, share?.Prefix ?? host.Prefix!, share);
    }

    public LinkLoss NewLoss(string reason) => new(host.Name, reason, time.GetUtcNow() + FencedAfter);

    /// <summary>Connects, unless there is a connection.</summary>
    /// <exception cref="AgentException">HostUnreachable, HostRefused, NotSupported, or the prefix cannot be started.</exception>
    public async Task EnsureUpAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (IsUp)
                return;
            HostKeeper keeper = _keeper = await OpenAsync(cancellationToken).ConfigureAwait(false);
            foreach (int group in _agents.Keys)
                Watch(group);
            _ = OwnWork.Run(() => ReplaceAsync(keeper));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Watches an agent that runs: its keeper ends it when the link is lost, and so does this machine with its prefix.</summary>
    public void Add(int group, AgentProcess process)
    {
        _agents[group] = process;
        Watch(group);
    }

    /// <summary>Forgets an agent that is gone. The far system may reuse its number.</summary>
    public void Remove(int group)
    {
        if (_agents.TryRemove(group, out _))
            _keeper?.Tell(string.Create(CultureInfo.InvariantCulture, $"- {group}"));
    }

    /// <summary>Sends a signal to an agent's group and to all that has its marker.</summary>
    public void Signal(string name, int? group, string marker) => _keeper?.Tell($"{name} {Word(group)} {marker}");

    /// <summary>Whether nothing is left of an agent. False also without an answer.</summary>
    public Task<bool> IsGoneAsync(int? group, string marker) => _keeper is { } keeper ? keeper.IsGoneAsync(Word(group), marker) : Task.FromResult(false);

    public long? ReadMemoryBytes(string marker) => _keeper?.ReadMemoryBytes(marker);

    /// <summary>Runs the prefix until a script there has decided its start.</summary>
    /// <param name="script">The script's bytes.</param>
    /// <param name="end">The far end of the prefix.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    /// <returns>The prefix, and the script's line. No process is left if this throws.</returns>
    /// <exception cref="AgentException">HostUnreachable, HostRefused, NotSupported, or the prefix cannot be started.</exception>
    public async Task<(AgentProcess Process, string Line)> StartAsync(byte[] script, FarEnd end, CancellationToken cancellationToken)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var command = new AgentCommand(end.Prefix.Program, FarScript.Arguments(end.Prefix), Directory.Exists(home) ? home : "/", AgentSpec.NoEnvironment);
        AgentProcess process;
        try
        {
            process = await AgentLauncher.LaunchAsync(command, end).ConfigureAwait(false);
        }
        catch
        {
            end.Release();
            throw;
        }

        try
        {
            using var deadline = new StepLimit(limits.ConnectWithin, turn: null, time, cancellationToken);
            Task sending = SendAsync(process, script);
            string line = "";
            try
            {
                line = await end.Report.Decided.WaitAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw FarFailure.Unreached(host, exitCode: null, AnsiText.Strip(process.StandardError.ToString()));
            }

            if (line.Length > 0)
            {
                await sending.ConfigureAwait(false);
                return (process, line);
            }

            await HostPause.SettleAsync(process.Exited, AgentProcess.DrainLimit).ConfigureAwait(false);
            throw FarFailure.Unreached(host, process.Exited.IsCompletedSuccessfully ? process.Exited.Result : null, AnsiText.Strip(await process.ReadStderrTailAsync().ConfigureAwait(false)));
        }
        catch
        {
            await process.StopAsync(StopGraces.None, time).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets the keeper leave. No agent of the pool is left.</summary>
    public async Task CloseAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _isClosed = true;
            if (_keeper is { } keeper)
                await keeper.LeaveAsync().ConfigureAwait(false);
            _shared?.Remove();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>How the markers of agents begin that one keeper watches. No prefix of the markers of agents here, which the guardian ends.</summary>
    private static string NewMarkers() => string.Create(CultureInfo.InvariantCulture, $"{AgentMarker.HostPrefix.TrimEnd('.')}-h{Interlocked.Increment(ref _lastLink)}.");

    private static async Task SendAsync(AgentProcess process, byte[] script)
    {
        try
        {
            await AgentInput.SendAsync(process.Input, script).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The prefix has ended; its stderr gives the reason.
        }
    }

    /// <summary>The group in a line to the keeper, which leaves alone what is no group.</summary>
    private static string Word(int? group) => group?.ToString(CultureInfo.InvariantCulture) ?? "none";

    private void Watch(int group) => _keeper?.Tell(string.Create(CultureInfo.InvariantCulture, $"+ {group}"));

    private async Task<HostKeeper> OpenAsync(CancellationToken cancellationToken)
    {
        // The keeper of a lost link may still be ending everything with its markers there.
        if (_keeper is { WasKilled: false })
            _markers = NewMarkers();
        var report = new FarReport(FarScript.NewNonce());
        byte[] script = FarScript.Keeper(report.Nonce, _markers, limits.LostAfter);
        var end = new FarEnd(host, report, this, marker: null, _shared?.NewMaster() ?? host.Prefix!);
        (AgentProcess process, _) = await StartAsync(script, end, cancellationToken).ConfigureAwait(false);
        _brake.Started();
        log.WriteVerbose($"the host '{host.Name}' has a keeper", process.Id);
        return new HostKeeper(process, limits.LostAfter, time);
    }

    /// <summary>Replaces a keeper that was ended alone. Any other end is the loss of the link.</summary>
    private async Task ReplaceAsync(HostKeeper keeper)
    {
        string reason = await keeper.Ended.ConfigureAwait(false);
        if (_isClosed)
            return;
        if (keeper.WasKilled)
        {
            log.Write(new PoolEvent(PoolEventLevel.Warning, $"The keeper on the host '{host.Name}' was ended by something there. It is replaced."));
            await Task.Delay(_brake.Ended(), time).ConfigureAwait(false);
            try
            {
                await EnsureUpAsync(CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is AgentException or ObjectDisposedException)
            {
                reason = "broke";
            }
        }

        WhyLost = reason;
        log.Write(new PoolEvent(PoolEventLevel.Warning, $"The link to the host '{host.Name}' {reason}. Its {_agents.Count} agents are ended there."));
        foreach (AgentProcess process in _agents.Values)
            await process.CutAsync().ConfigureAwait(false);
    }
}
