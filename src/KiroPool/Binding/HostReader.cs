using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Management.Automation;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Makes the hosts of a pool from the parameters that have the names and meanings of New-PSSession.</summary>
/// <param name="session">Resolves the paths of keys.</param>
/// <param name="connectTimeout">The limit for a connection of hosts that have none of their own.</param>
internal sealed class HostReader(SessionState session, TimeSpan connectTimeout)
{
    private const string Keys = "HostName, Port, UserName, KeyFilePath, Options, ConnectingTimeout and MaxSize";

    private readonly List<(SshHost Host, int? MaxSize)> _hosts = [];
    private readonly List<AgentHost> _others = [];

    /// <summary>Adds the hosts of -HostName.</summary>
    /// <param name="names">Names as New-PSSession reads them: user@host:port.</param>
    /// <param name="rest">The values that a name does not give.</param>
    /// <exception cref="KiroException">A name is not one of a host.</exception>
    public void Add(IEnumerable<string> names, SshHost rest)
    {
        foreach (string name in names)
            _hosts.Add((Read(() => SshHost.Parse(name, rest), name), null));
    }

    /// <summary>Adds the host of an entry of -SSHConnection.</summary>
    /// <exception cref="KiroException">The entry has no host, an unknown key or a wrong value.</exception>
    public void Add(IDictionary connection)
    {
        var host = new SshHost { HostName = AgentHost.LocalName };
        string? name = null;
        int? maxSize = null;
        foreach (DictionaryEntry entry in connection)
        {
            string key = entry.Key.ToString() ?? "";
            object? value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            SshHost soFar = host;
            host = Read(
                () =>
                {
                    switch (key.ToUpperInvariant())
                    {
                        case "HOSTNAME" or "COMPUTERNAME":
                            name = Text(key, value);
                            return soFar;
                        case "PORT":
                            return soFar with { Port = Number(key, value) };
                        case "USERNAME":
                            return soFar with { UserName = Text(key, value) };
                        case "KEYFILEPATH" or "IDENTITYFILEPATH":
                            return soFar with { KeyFilePath = ReadKey(Text(key, value)) };
                        case "OPTIONS":
                            return soFar with { Options = ReadOptions(value as IDictionary ?? throw new ArgumentException("Options of a host is a hashtable: @{ Compression = 'yes' }.")) };
                        case "CONNECTINGTIMEOUT":
                            return soFar with { ConnectTimeout = Milliseconds(Number(key, value)) };
                        case "MAXSIZE":
                            maxSize = Number(key, value);
                            return soFar;
                        default:
                            throw new ArgumentException($"'{key}' is not a key of -SSHConnection. Its keys are {Keys}.");
                    }
                },
                value ?? key);
        }

        if (name is null)
            throw KiroException.HostInvalid("An entry of -SSHConnection names no host. Give it a HostName: @{ HostName = 'build1' }.", connection);
        if (maxSize is < 1 or > 1000)
            throw KiroException.HostInvalid($"MaxSize of the host '{name}' must be 1 to 1000, but is {maxSize}.", maxSize);
        _hosts.Add((Read(() => SshHost.Parse(name, host), name), maxSize));
    }

    /// <summary>Adds a host that needs no ssh.</summary>
    public void Add(AgentHost host) => _others.Add(host);

    /// <summary>The added hosts; this machine alone if there is none.</summary>
    /// <exception cref="KiroException">A host comes twice.</exception>
    /// <exception cref="AgentException">ssh is not installed here.</exception>
    public HostList ToList()
    {
        if (_hosts.Count == 0 && _others.Count == 0)
            return HostList.Local;
        var several = _hosts.GroupBy(one => one.Host.HostName, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string? ssh = null;
        return Read(
            () => new HostList(_hosts.Select(one => one.Host.IsLocal
                ? AgentHost.Local with { MaxSize = one.MaxSize }
                : new AgentHost
                {
                    Name = several.Contains(one.Host.HostName) ? one.Host.ToString() : one.Host.HostName,
                    MaxSize = one.MaxSize,
                    Prefix = one.Host.ToPrefix(ssh ??= FindSsh(), connectTimeout),
                }).Concat(_others)),
            string.Join(", ", _hosts.Select(one => one.Host.ToString()).Concat(_others.Select(host => host.Name))));
    }

    /// <summary>The hosts, those of ssh with a connection that their agents share.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="isWindows">Whether this machine is Windows, whose ssh cannot share.</param>
    /// <exception cref="KiroException">No host is reached by ssh.</exception>
    /// <exception cref="AgentException">This machine is Windows.</exception>
    public static HostList Sharing(HostList hosts, bool isWindows)
    {
        if (isWindows)
            throw new AgentException(FailureKind.NotSupported, "The ssh of Windows cannot share a connection. Omit -ShareConnection.") { Value = nameof(AgentHost.SharesConnection) };
        if (!hosts.Any(IsSsh))
            throw KiroException.HostInvalid("-ShareConnection needs a host that is reached by ssh. Name one with -HostName or -SSHConnection.", hosts.ToString());
        return new HostList(hosts.Select(host => host with { SharesConnection = IsSsh(host) }));
    }

    /// <summary>Whether a host is one of -HostName or -SSHConnection, and not this machine.</summary>
    public static bool IsSsh(AgentHost host) =>
        host.Prefix is { IsShell: true } prefix && string.Equals(Path.GetFileNameWithoutExtension(prefix.Program), "ssh", StringComparison.OrdinalIgnoreCase);

    /// <summary>The full path of a key.</summary>
    /// <exception cref="KiroException">There is no such file.</exception>
    public string ReadKey(string path) =>
        session.ResolveFile(path) is { } full && File.Exists(full) ? full : throw KiroException.PathNotFound($"There is no key file '{path}'.");

    /// <summary>Options of ssh.</summary>
    /// <exception cref="ArgumentException">A value has no text.</exception>
    public static ImmutableSortedDictionary<string, string> ReadOptions(IDictionary options) =>
        options.Cast<DictionaryEntry>().ToImmutableSortedDictionary(
            entry => entry.Key.ToString() ?? "",
            entry => entry.Value is null ? throw new ArgumentException($"The option '{entry.Key}' of ssh has no value.") : LanguagePrimitives.ConvertTo<string>(entry.Value));

    /// <summary>The time of -ConnectingTimeout.</summary>
    /// <exception cref="ArgumentException">It is not positive.</exception>
    public static TimeSpan Milliseconds(int value) =>
        value >= 1 ? TimeSpan.FromMilliseconds(value) : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"ConnectingTimeout is a number of milliseconds above 0, but {value} was given."));

    /// <summary>Reads a value, and turns its faults into errors of the module.</summary>
    public static T Read<T>(Func<T> read, object target)
    {
        try
        {
            return read();
        }
        catch (ArgumentException e)
        {
            throw KiroException.HostInvalid(e.Message.Split(" (Parameter")[0], target);
        }
    }

    private static string FindSsh()
    {
        try
        {
            return KiroCliLocator.Locate("ssh");
        }
        catch (AgentException e) when (e.Kind == FailureKind.ExecutableNotFound)
        {
            throw new AgentException(FailureKind.ExecutableNotFound, "ssh was not found in PATH. Install the OpenSSH client on this machine.", e) { Value = "ssh", Advice = "Install the OpenSSH client on this machine." };
        }
    }

    private static string Text(string key, object? value) => value as string ?? throw new ArgumentException($"{key} of a host is a string.");

    private static int Number(string key, object? value) =>
        LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int number) && value is not null ? number : throw new ArgumentException($"{key} of a host is a whole number, but '{value}' was given.");
}
