using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>
/// A small shell process beside the host that ends the agents when the host is gone, whatever ended it, SIGKILL
/// included: then the pipe to the guardian closes. There is one per host process, from the first agent until the last
/// pool stops. Windows needs none: job objects do it there.
/// </summary>
internal sealed class ProcessGuardian
{
    // Agents have lost their stdin together with the host. They get a second to end by themselves, two after SIGTERM.
    // Graces are counted in tenths of a second. What left its group is found by its marker: in /proc, or by a ps that
    // shows the environment. `kill -s KILL --` is the form every sh takes; dash refuses `kill -KILL --`.
    private const string Script = """
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
                for file in $(grep -l -s -F -- "$marker" /proc/[0-9]*/environ); do file=${file#/proc/}; echo "${file%/environ}"; done
            else
                ps -axEww -o pid=,command= | grep -F -- " $marker" | while read -r id rest; do echo "$id"; done
            fi
        }
        alive() {
            for group in $groups; do kill -s 0 -- "-$group" && return 0; done
            return 1
        }
        patience() {
            tenths=$1
            while [ "$tenths" -gt 0 ] && alive; do sleep 0.1; tenths=$((tenths - 1)); done
        }
        end() {
            for group in $groups; do kill -s "$1" -- "-$group"; done
            for id in $(marked); do kill -s "$1" "$id"; done
        }
        patience 10
        end TERM
        patience 20
        end KILL
        sleep 0.1
        end KILL
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

    /// <summary>Its process, while there is one.</summary>
    public int? ProcessId { get; private set; }

    /// <summary>How often a guardian ended by itself and was started again.</summary>
    public long Restarts => Interlocked.Read(ref _restarts);

    /// <summary>A pool begins to live. Nothing is started for it yet.</summary>
    /// <param name="log">Gets a warning when the guardian ends by itself.</param>
    public void AddPool(IPoolLog? log = null)
    {
        Interlocked.Increment(ref _pools);
        if (log is null)
            return;
        lock (_logs)
            _logs.Add(log);
    }

    /// <summary>A pool has stopped; with the last one the guardian ends.</summary>
    public async Task RemovePoolAsync(IPoolLog? log = null)
    {
        lock (_logs)
            _logs.Remove(log!);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Interlocked.Decrement(ref _pools) == 0)
                Leave();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sees to it that a guardian is there before an agent is.</summary>
    /// <exception cref="AgentException">It could not be started.</exception>
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

    /// <summary>Has a group ended when the host is gone.</summary>
    public Task WatchAsync(int groupId) => ChangeAsync('+', groupId);

    /// <summary>The group is gone; its number may come to belong to somebody else.</summary>
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

        // A host that is itself run by an agent passes that agent's marker on; the guardian must outlive both.
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
            throw new AgentException(FailureKind.AgentStartFailed, $"The guardian, which ends agents when their host is killed, could not be started: {e.Message}. Without it no agent is started.", e);
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
            // It has just died; the one that replaces it is told of all groups.
        }
    }

    /// <summary>
    /// The guardian ended by itself: there is a new one while there are pools. One that cannot stay is started again less
    /// and less often; an agent that starts meanwhile gets one at once.
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
        Warn($"The guardian process ended by itself ({Restarts} times so far) and is started again {when}. Until then agents outlive a host that is killed. Find out what ends '/bin/sh' processes on this machine.");
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

    /// <summary>
    /// Lets the guardian go, with a word: were its pipe only closed, it would take the host for dead and end the agents
    /// of the next pool, which carry the same host's marker.
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
            // Gone by itself.
        }

        shell.Dispose();
    }
}
