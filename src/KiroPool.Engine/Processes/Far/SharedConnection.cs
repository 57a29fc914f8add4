using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes.Far;

/// <summary>
/// The connection of a host's keeper, shared with agents: the keeper's ssh is the master of a socket that the ssh of an agent
/// uses instead of a connection of its own. An agent without a share, and one that the host refuses, connects by itself.
/// </summary>
/// <param name="own">The prefix of a connection that is not shared.</param>
internal sealed partial class SharedConnection(CommandPrefix own)
{
    // sshd allows ten sessions in a connection (MaxSessions), and one is the keeper's.
    private const int MostAgents = 9;

    // The path of a socket has at most 103 bytes on macOS, and ssh appends 17 to it while it makes the socket.
    private const int LongestPath = 80;

    private const string UsualParent = "/tmp";
    private const int OnlyThisUser = 0x1C0;
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(5);

    private Master? _master;
    private int _lastMaster;

    /// <summary>The directory of the sockets, which only this user can enter; null before the first one.</summary>
    public string? Folder { get; private set; }

    /// <summary>The prefix of a new keeper. It has a socket of its own, because an old one may still have the last.</summary>
    /// <exception cref="AgentException">No directory can be made for the socket.</exception>
    public CommandPrefix NewMaster()
    {
        Folder ??= MakeFolder();
        _master = new Master(Path.Combine(Folder, (++_lastMaster).ToString(CultureInfo.InvariantCulture)));
        return With(_master.Socket, "yes");
    }

    /// <summary>A share of the present keeper's connection; null when all are in use.</summary>
    public ConnectionShare? TryTake() => _master is { } master && master.TryTake() ? new ConnectionShare(With(master.Socket, "no"), master.Release) : null;

    /// <summary>Removes the directory of the sockets. No keeper is left.</summary>
    public void Remove()
    {
        try
        {
            if (Folder is not null)
                Directory.Delete(Folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something else has removed it. It contained nothing but sockets.
        }
    }

    /// <summary>Whether a socket fits below a directory. Other letters could mean something to ssh.</summary>
    internal static bool IsUsableParent(string folder) => folder.Length <= LongestPath - "/kiropool-ssh-01234567/12345".Length && PlainPath().IsMatch(folder);

    private static string MakeFolder()
    {
        string parent = Path.GetTempPath().TrimEnd('/');
        if (!IsUsableParent(parent))
            parent = UsualParent;

        RemoveLeft(parent);

        // Fails if the name exists, also as a link of another user.
        string folder = Path.Combine(parent, $"kiropool-ssh-{Guid.NewGuid():N}"[..21]);
        if (Make(folder, OnlyThisUser) == 0)
            return folder;
        throw new AgentException(FailureKind.AgentStartFailed, $"No directory could be made in '{parent}' for the shared connection: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}. Set TMPDIR to a directory that you may write, or omit -ShareConnection.")
        {
            Value = parent,
            Advice = "Set TMPDIR to a directory that you may write, or omit -ShareConnection.",
        };
    }

    /// <summary>Removes what killed processes have left. A directory in use has a socket, or is new.</summary>
    private static void RemoveLeft(string parent)
    {
        try
        {
            foreach (string folder in Directory.EnumerateDirectories(parent, "kiropool-ssh-????????").Where(folder => Directory.GetLastWriteTimeUtc(folder) < DateTime.UtcNow - Unused))
            {
                try
                {
                    Directory.Delete(folder);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It is in use, or that of another user.
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be listed stays.
        }
    }

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Make(string path, int mode);

    /// <summary>ssh takes the first value of an option, so these hold against those of the prefix.</summary>
    private CommandPrefix With(string socket, string isMaster) =>
        own with { Arguments = ["-o", $"ControlMaster={isMaster}", "-o", $"ControlPath={socket}", "-o", "ControlPersist=no", .. own.Arguments] };

    [GeneratedRegex("^/[A-Za-z0-9/._+-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainPath();

    private sealed class Master(string socket)
    {
        private int _agents;

        public string Socket => socket;

        public bool TryTake()
        {
            if (Interlocked.Increment(ref _agents) <= MostAgents)
                return true;
            Release();
            return false;
        }

        public void Release() => Interlocked.Decrement(ref _agents);
    }
}

/// <summary>One agent's use of a shared connection.</summary>
/// <param name="prefix">The prefix that uses it.</param>
/// <param name="release">Lets another agent have it.</param>
internal sealed class ConnectionShare(CommandPrefix prefix, Action release) : IDisposable
{
    private Action? _release = release;

    public CommandPrefix Prefix => prefix;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
