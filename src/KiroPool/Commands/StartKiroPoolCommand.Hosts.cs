using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <content>The hosts of the agents.</content>
public sealed partial class StartKiroPoolCommand
{
    /// <summary>The hosts of the agents: host, user@host, host:port. localhost is this machine, without ssh. Default: this machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get; set; }

    /// <summary>The port of the hosts of -HostName. Default: that of ssh's configuration.</summary>
    [Parameter]
    public int Port { get; set; }

    /// <summary>The user on the hosts of -HostName. Default: that of ssh's configuration.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>The private key for the hosts of -HostName. Default: the keys of ssh's configuration and its agent.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [Alias("IdentityFilePath")]
    public string? KeyFilePath { get; set; }

    /// <summary>Options of ssh for the hosts of -HostName, as in its configuration.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Options { get; set; }

    /// <summary>Milliseconds a connection to a host may take. Default: -StartTimeoutSec.</summary>
    [Parameter]
    public int ConnectingTimeout { get; set; }

    /// <summary>Hosts with values of their own: HostName, Port, UserName, KeyFilePath, Options, ConnectingTimeout and MaxSize.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public Hashtable[]? SSHConnection { get; set; }

    /// <summary>Hosts that other commands than ssh reach: HostName, Command (its words, before those of the far side), Shell and MaxSize.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IDictionary[]? HostCommand { get; set; }

    /// <summary>Lets up to nine agents of a host share one ssh connection, so that they start faster. Not on Windows.</summary>
    [Parameter]
    public SwitchParameter ShareConnection { get; set; }

    /// <summary>Seconds of silence after which the link to a host counts as lost, here and there: 2 to 600. Default 15.</summary>
    [Parameter]
    [SecondsTransformation]
    public double HostLostSec { get; set; } = Defaults.HostLostAfter.TotalSeconds;

    /// <summary>Directories of this machine and where the hosts have them, so that files are linked instead of sent.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? PathMap { get; set; }

    private TimeSpan? ConnectTimeout =>
        !IsGiven(nameof(ConnectingTimeout)) ? null
        : ConnectingTimeout >= 1 ? TimeSpan.FromMilliseconds(ConnectingTimeout)
        : throw new ArgumentOutOfRangeException(nameof(ConnectingTimeout), ConnectingTimeout, $"ConnectingTimeout must be 1 ms or more, but is {ConnectingTimeout}.");

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private HostList ReadHosts()
    {
        try
        {
            if (IsGiven(nameof(Port)) && Port is < 1 or > 65535)
                throw new ArgumentOutOfRangeException(nameof(Port), Port, $"Port must be 1 to 65535, but is {Port}.");
            if (HostName is null && new[] { nameof(Port), nameof(UserName), nameof(KeyFilePath), nameof(Options) }.FirstOrDefault(IsGiven) is { } alone)
                throw KiroException.HostInvalid($"-{alone} needs the hosts that it is for. Name them with -HostName.", alone);
            var hosts = new HostReader(SessionState, ConnectTimeout ?? SecondsReader.Read(nameof(StartTimeoutSec), StartTimeoutSec, zeroIsNone: false));
            if (HostName is not null)
            {
                hosts.Add(HostName, HostReader.Read(
                    () => new SshHost
                    {
                        HostName = AgentHost.LocalName,
                        Port = IsGiven(nameof(Port)) ? Port : null,
                        UserName = UserName,
                        KeyFilePath = KeyFilePath is null ? null : hosts.ReadKey(KeyFilePath),
                        Options = Options is null ? ImmutableSortedDictionary<string, string>.Empty : HostReader.ReadOptions(Options),
                    },
                    HostName));
            }

            foreach (Hashtable connection in SSHConnection ?? [])
                hosts.Add(connection);
            foreach (IDictionary command in HostCommand ?? [])
                hosts.Add(HostCommandReader.Read(SessionState, command));
            return ShareConnection ? HostReader.Sharing(hosts.ToList(), OperatingSystem.IsWindows()) : hosts.ToList();
        }
        catch (KiroException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    private PathMap ReadPathMap()
    {
        try
        {
            return Binding.PathMap.Read(SessionState, PathMap);
        }
        catch (KiroException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>Warns of ssh as the agent's program: the pool then sees a program here, and nothing of the agent there.</summary>
    private void WarnOfPlainSsh()
    {
        if (string.Equals(Path.GetFileNameWithoutExtension(FilePath), "ssh", StringComparison.OrdinalIgnoreCase))
            WriteWarning("With ssh as -FilePath, agents can stay on the other host when the link breaks, and its shell runs -ArgumentList. Use -HostName instead: Start-KiroPool -HostName build1 -WorkingDirectory /srv/src.");
    }
}
