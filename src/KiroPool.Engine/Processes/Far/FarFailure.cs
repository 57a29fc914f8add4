using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes.Far;

/// <summary>Says why nothing was started on a far host.</summary>
internal static class FarFailure
{
    // What ssh says when trying again cannot help: a key, a name or an option must change first.
    private static readonly string[] Refusals =
    [
        "Permission denied (", "Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED", "Too many authentication failures",
        "No supported authentication methods", "Bad configuration option", "Bad owner or permissions", "no matching host key type",
        "no matching key exchange method", "no matching cipher", "Unsupported option", "bad permissions", "command-line line 0",
    ];

    /// <summary>The failure of a stub that ran and started no agent.</summary>
    /// <param name="host">The host.</param>
    /// <param name="line">Its line.</param>
    /// <param name="command">The agent.</param>
    public static AgentException Of(AgentHost host, string line, AgentCommand command)
    {
        string directory = command.WorkingDirectory;
        string program = command.Executable;
        return line switch
        {
            "nodir denied" => About(FailureKind.WorkingDirectoryNotAccessible, $"The working directory '{directory}' on the host '{host.Name}' may not be entered. Grant the execute permission on it, or choose another one with -WorkingDirectory.", directory),
            "nodir file" => About(FailureKind.WorkingDirectoryNotFound, $"The working directory '{directory}' on the host '{host.Name}' is a file. Name a directory with -WorkingDirectory.", directory),
            "nodir missing" => About(FailureKind.WorkingDirectoryNotFound, $"The working directory '{directory}' does not exist on the host '{host.Name}'. Create it there, or choose another one with -WorkingDirectory.", directory),
            "noprogram denied" => About(FailureKind.ExecutableNotRunnable, $"'{program}' on the host '{host.Name}' is not an executable file. Set the execute permission there, or name another program with -FilePath.", program),
            "noprogram missing" => About(FailureKind.ExecutableNotFound, $"'{program}' was not found on the host '{host.Name}', where PATH, ~/.local/bin, /usr/local/bin and /opt/homebrew/bin were searched. Install it there, or name its full path with -FilePath.", program),
            "noenv" => About(FailureKind.EnvironmentInvalid, $"The shell of the host '{host.Name}' could not set the variables of the agent: {string.Join(", ", command.Environment.Keys)}. One of them may be read-only there. Leave it out.", host.Name),
            _ => About(FailureKind.AgentStartFailed, $"The host '{host.Name}' started no agent.", host.Name),
        };
    }

    /// <summary>The failure of a prefix that ended before the far side had said a word.</summary>
    /// <param name="host">The host.</param>
    /// <param name="exitCode">Its exit code; null if it was ended.</param>
    /// <param name="stderr">The last part of its stderr.</param>
    public static AgentException Unreached(AgentHost host, int? exitCode, string stderr)
    {
        string program = Path.GetFileName(host.Prefix!.Program);
        if (stderr.Contains("is not recognized", StringComparison.OrdinalIgnoreCase))
            return About(FailureKind.NotSupported, $"The host '{host.Name}' has no /bin/sh. Windows hosts are not supported; run the pool there, or use a Linux or macOS host. {StderrTail.Quote(stderr)}", host);
        if (Refusals.FirstOrDefault(text => stderr.Contains(text, StringComparison.OrdinalIgnoreCase)) is not null)
            return About(FailureKind.HostRefused, $"The host '{host.Name}' cannot be used until its key, the user or the options change: {program} ended with exit code {exitCode}. Try {(program == "ssh" ? $"'ssh {host.Name}'" : "its command")} by hand. {StderrTail.Quote(stderr)}", host.Name);
        string how = exitCode is { } code ? $"{program} ended with exit code {code}" : $"{program} did not connect in time";
        return About(FailureKind.HostUnreachable, $"The host '{host.Name}' cannot be reached: {how}. {StderrTail.Quote(stderr)}", host.Name);
    }

    private static AgentException About(FailureKind kind, string message, object value) => new(kind, message) { Value = value };
}
