using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>
/// A small shell process that ends the agents when the host has ended, even by SIGKILL: the pipe to the guardian then
/// closes. Each host process has one, from the first agent until the last pool stops. Windows uses job objects instead.
/// </summary>
internal sealed class ProcessGuardian
{
    // The agents lost their stdin with the host. They and their descendants have one second to end by themselves, and two more after SIGTERM.
    // Graces are counted in tenths of a second, and in halves where each look takes a ps. Processes that left their group are found by their marker, in /proc or
    // by a ps that shows the environment. In /proc each variable ends with a zero byte (grep -z). Every sh reads these forms
    // of kill in the same way: busybox takes `kill -s 0` for no signal, and dash refuses `kill -KILL --`.
    internal const string Script = """
        exec >/dev/null 2>&1
        trap '' HUP INT TERM
        marker="KIROPOOL_AGENT=$1"
        groups=' '
        while read -r change group; do
            case $change in
                +) groups="$groups$group " ;;
                -) case $groups in *" $group "*) groups="${groups%% "$group" *} ${groups#* "$group" }" ;; esac ;;
                .) [ "$groups" = ' ' ] && exit ;;
            esac
        done
        marked() {
            if [ -r /proc/self/environ ]; then
                for file in $(grep -l -s -z -F -- "$marker" /proc/[0-9]*/environ); do file=${file#/proc/}; echo "${file%/environ}"; done
            else
                ps -axEww -o pid=,command= | while read -r id rest; do case " $rest" in *" $marker"*) echo "$id" ;; esac; done
            fi
        }
        alive() {
            for group in $groups; do kill -0 "-$group" && return 0; done
            [ -n "$(marked)" ]
        }
        step=1
        [ -r /proc/self/environ ] || step=5
        patience() {
            tenths=$1
            while [ "$tenths" -gt 0 ] && alive; do sleep "0.$step"; tenths=$((tenths - step)); done
        }
        signal() {
            for group in $groups; do kill "-$1" "-$group"; done
            for id in $(marked); do kill "-$1" "$id"; done
        }
        patience 10
        signal TERM
        patience 20
        signal KILL
        sleep 0.1
        signal KILL
        """;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<int> _groups = [];
    private readonly List<IPoolLog> _logs = [];
    private readonly string _script;
    private readonly GuardianBrake _brake = new();
    private int _pools;
    private Process? _shell;
    private long _restarts;

    internal ProcessGuardian(string script = Script) => _script = script;

    /// <summary>The host's guardian.</summary>
    public static ProcessGuardian Shared { get; } = new();

    /// <summary>The guardian's process, while there is one.</summary>
    public int? ProcessId { get; private set; }

    /// <summary>The number of guardians that ended by themselves and were restarted.</summary>
    public long Restarts => Interlocked.Read(ref _restarts);

    /// <summary>Registers a new pool. This starts no process yet.</summary>
    /// <param name="log">Receives a warning when the guardian ends by itself.</param>
    public void AddPool(IPoolLog? log = null)
    {
        Interlocked.Increment(ref _pools);
        if (log is null)
            return;
        lock (_logs)
            _logs.Add(log);
    }

    /// <summary>Unregisters a stopped pool. The guardian ends with the last one, and with the last group that outlives it.</summary>
    public async Task RemovePoolAsync(IPoolLog? log = null)
    {
        lock (_logs)
            _logs.Remove(log!);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            Interlocked.Decrement(ref _pools);
            LeaveIfUnused();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Starts the guardian if it does not run, before an agent starts.</summary>
    /// <exception cref="AgentException">The guardian could not be started.</exception>
    public async Task EnsureRunningAsync()
    {
        if (OperatingSystem.IsWindows())
            return;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_shell is null)
                await StartAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Adds a group that the guardian must end when the host has ended.</summary>
    public Task WatchAsync(int groupId) => ChangeAsync('+', groupId);

    /// <summary>Removes a group that is gone. The system may reuse its number.</summary>
    public Task ForgetAsync(int groupId) => ChangeAsync('-', groupId);

    private async Task ChangeAsync(char change, int groupId)
    {
        if (OperatingSystem.IsWindows())
            return;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            bool changed = change == '+' ? _groups.Add(groupId) : _groups.Remove(groupId);
            if (change == '+' && _shell is null)
                await StartAsync().ConfigureAwait(false);
            else if (changed && _shell is not null)
                await TellAsync(change, groupId).ConfigureAwait(false);
            if (change == '-')
                LeaveIfUnused();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task StartAsync()
    {
        var info = new ProcessStartInfo
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] command = [.. SessionStarter.Default is { } starter ? [starter.Program, .. starter.Arguments] : Array.Empty<string>(), "/bin/sh", "-c", _script, "kiropool-guardian", AgentMarker.HostPrefix];
        info.FileName = command[0];
        foreach (string argument in command.Skip(1))
            info.ArgumentList.Add(argument);

        // If an agent runs this host, the host inherits that agent's marker. The guardian must outlive both.
        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/bin:/bin";

        var shell = new Process { StartInfo = info, EnableRaisingEvents = true };
        shell.Exited += (_, _) => _ = ReplaceAsync(shell);
        try
        {
            OwnWork.Run(shell.Start);
        }
        catch (Win32Exception e)
        {
            shell.Dispose();
            throw StartFailure.OfHost(e, "The guardian, which ends agents when their host is killed,") ?? new AgentException(FailureKind.AgentStartFailed, $"The guardian, which ends agents when their host is killed, could not be started: {e.Message}. Without it no agent is started.", e);
        }

        _brake.Started();
        _shell = shell;
        ProcessId = shell.Id;
        foreach (int groupId in _groups)
            await TellAsync('+', groupId).ConfigureAwait(false);
    }

    private async Task TellAsync(char change, int groupId)
    {
        try
        {
            Stream input = _shell!.StandardInput.BaseStream;
            await input.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{change} {groupId}\n"))).ConfigureAwait(false);
            await input.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The guardian has just died. Its replacement gets all groups.
        }
    }

    /// <summary>
    /// Replaces a guardian that ended by itself, while there are pools. Repeated ends increase the delay; an agent that
    /// starts meanwhile gets a guardian at once.
    /// </summary>
    private async Task ReplaceAsync(Process dead)
    {
        TimeSpan delay;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_shell != dead)
                return;
            _shell.Dispose();
            (_shell, ProcessId) = (null, null);
            if (Volatile.Read(ref _pools) == 0)
                return;
            delay = _brake.Ended();
            Interlocked.Increment(ref _restarts);
        }
        finally
        {
            _turn.Release();
        }

        string when = delay > TimeSpan.Zero ? $"in {delay.TotalSeconds:0.##} s" : "at once";
        Warn($"The guardian process ended by itself ({Restarts} times so far) and restarts {when}. Until then agents outlive a killed host. Find out what ends '/bin/sh' processes on this machine.");
        await Task.Delay(delay).ConfigureAwait(false);
        await RestartAsync().ConfigureAwait(false);
    }

    private async Task RestartAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_shell is null && Volatile.Read(ref _pools) > 0)
                await StartAsync().ConfigureAwait(false);
        }
        catch (AgentException e)
        {
            // The next agent that is started tries again, and fails with this error if it must.
            Warn(e.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Warn(string message)
    {
        IPoolLog[] logs;
        lock (_logs)
            logs = [.. _logs];
        foreach (IPoolLog log in logs)
            log.Write(new PoolEvent(PoolEventLevel.Warning, message));
    }

    /// <summary>A group may outlive its pool for a moment. Until it is gone it needs the guardian, and a guardian does not leave before.</summary>
    private void LeaveIfUnused()
    {
        if (Volatile.Read(ref _pools) == 0 && _groups.Count == 0)
            Leave();
    }

    /// <summary>
    /// Sends the guardian a leave message. If only its pipe were closed, it would take the host for dead and end the
    /// agents of the next pool, which have the same host marker.
    /// </summary>
    private void Leave()
    {
        Process? shell = _shell;
        (_shell, ProcessId) = (null, null);
        if (shell is null)
            return;
        try
        {
            shell.StandardInput.BaseStream.Write(".\n"u8);
            shell.StandardInput.BaseStream.Dispose();
        }
        catch (IOException)
        {
            // It has ended by itself.
        }

        shell.Dispose();
    }
}
