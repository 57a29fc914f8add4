using System.Collections.Immutable;
using System.Globalization;

namespace KiroPool.Engine.Agents;

/// <summary>
/// A host behind the ssh of this machine. What is not given here is as the user has configured ssh: keys, agent, jump hosts
/// and known hosts.
/// </summary>
public sealed record SshHost
{
    // Without them the streams would not be the agent's alone, or a question would wait for ever. ssh takes the first value
    // of an option, so they also hold against its configuration.
    private static readonly ImmutableArray<string> Fixed =
    [
        "BatchMode=yes", "RequestTTY=no", "RemoteCommand=none", "EscapeChar=none", "ControlMaster=no", "ControlPath=none",
        "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no", "Tunnel=no",
    ];

    /// <summary>The name or address of the host, or an alias of ssh's configuration.</summary>
    /// <exception cref="ArgumentException">ssh would read it as an option, or no host has such a name.</exception>
    public required string HostName { get; init => field = CheckName(value, "name of a host"); }

    /// <summary>The user there; that of ssh's configuration if null.</summary>
    /// <exception cref="ArgumentException">ssh would read it as an option, or no user has such a name.</exception>
    public string? UserName { get; init => field = value is null ? null : CheckName(value, "name of a user"); }

    /// <summary>The port, 1 to 65535; that of ssh's configuration if null.</summary>
    /// <exception cref="ArgumentException">It is out of range.</exception>
    public int? Port
    {
        get;
        init => field = value is null or (>= 1 and <= 65535) ? value : throw new ArgumentException($"The port of a host is 1 to 65535, but {value} was given.");
    }

    /// <summary>The full path of the private key; that of ssh's configuration if null.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>The limit for a connection; the pool's if null.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Options as in ssh's configuration. Those that the pool needs itself cannot be changed.</summary>
    /// <exception cref="ArgumentException">A name has other characters than letters and digits, or a value has control characters.</exception>
    public ImmutableSortedDictionary<string, string> Options { get; init => field = CheckOptions(value); } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether it is this machine, where agents need no ssh.</summary>
    public bool IsLocal => this is { UserName: null, Port: null, KeyFilePath: null, Options.Count: 0 } && HostName.Equals(AgentHost.LocalName, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>host</c>, <c>user@host</c>, <c>host:port</c> or <c>user@host:port</c>; an IPv6 address with a port has brackets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rest">The values that the text does not give.</param>
    /// <exception cref="ArgumentException">The text names no host.</exception>
    public static SshHost Parse(string text, SshHost rest)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(rest);
        int at = text.LastIndexOf('@');
        string host = text[(at + 1)..];
        string? port = null;
        if (host.StartsWith('[') && host.IndexOf(']', StringComparison.Ordinal) is > 0 and var end && (end == host.Length - 1 || host[end + 1] == ':'))
            (host, port) = (host[1..end], end == host.Length - 1 ? null : host[(end + 2)..]);
        else if (host.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && colon == host.LastIndexOf(':'))
            (host, port) = (host[..colon], host[(colon + 1)..]);
        return rest with
        {
            HostName = host,
            UserName = at < 0 ? rest.UserName : text[..at],
            Port = port is null ? rest.Port
                : int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
                : throw new ArgumentException($"'{port}' in '{text}' is not a port. Write host:port, and an IPv6 address in brackets."),
        };
    }

    /// <summary>The host and what distinguishes it from others of the same name.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(UserName is null ? "" : $"{UserName}@")}{(Port is not null && HostName.Contains(':', StringComparison.Ordinal) ? $"[{HostName}]" : HostName)}{(Port is null ? "" : $":{Port}")}");

    /// <summary>The command that reaches the host.</summary>
    /// <param name="program">The full path of ssh.</param>
    /// <param name="connectTimeout">The limit for a connection of hosts that have none of their own.</param>
    public CommandPrefix ToPrefix(string program, TimeSpan connectTimeout)
    {
        // The rest of ssh's answers, such as a banner, is not for the pool.
        string seconds = Math.Max(1, Math.Ceiling((ConnectTimeout ?? connectTimeout).TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        IEnumerable<string> options = [.. Fixed, .. Options.Select(option => $"{option.Key}={option.Value}"), $"ConnectTimeout={seconds}", "LogLevel=ERROR"];
        return new CommandPrefix(
            program,
            [
                "-T",
                .. options.SelectMany(option => new[] { "-o", option }),
                .. Port is null ? Array.Empty<string>() : ["-p", Port.Value.ToString(CultureInfo.InvariantCulture)],
                .. UserName is null ? Array.Empty<string>() : ["-l", UserName],
                .. KeyFilePath is null ? Array.Empty<string>() : ["-i", KeyFilePath],
                "--",
                HostName,
            ],
            IsShell: true);
    }

    private static string CheckName(string name, string what) =>
        name.Length > 0 && name[0] != '-' && !name.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter))
            ? name
            : throw new ArgumentException($"'{name}' is not the {what}: it must not be empty, begin with '-', or contain spaces or control characters.");

    private static ImmutableSortedDictionary<string, string> CheckOptions(ImmutableSortedDictionary<string, string> options) =>
        options.FirstOrDefault(option => option.Key.Length == 0 || !option.Key.All(char.IsAsciiLetterOrDigit) || option.Value.Any(char.IsControl)) is { Key: { } wrong }
            ? throw new ArgumentException($"'{wrong}' is not an option of ssh: a name has letters and digits alone, and a value has no control characters.")
            : options;
}
