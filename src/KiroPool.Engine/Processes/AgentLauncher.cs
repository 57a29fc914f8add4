using System.ComponentModel;
using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>What to start. Arguments go to the program as they are: there is no shell in between.</summary>
internal sealed record AgentCommand(
    string Executable,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string?> Environment);

/// <summary>Starts agent programs, each in a session of its own, with its three streams redirected.</summary>
internal static class AgentLauncher
{
    /// <summary>Names this host's agents to the sweep that ends survivors: every process an agent starts inherits it.</summary>
    public const string MarkerVariable = "KIROPOOL_AGENT";

    // setsid(1) calls setsid() and then execs: the process id stays, so the id .NET knows is the agent's own and also
    // its group's. It is part of util-linux and of busybox. Other Unix systems have perl instead, which does the same.
    private static readonly string? Setsid = Find("setsid");
    private static readonly string? Perl = Find("perl");

    /// <summary>Whether agents get a session of their own here, out of reach of the terminal's Ctrl+C.</summary>
    public static bool CanIsolate => Setsid is not null || Perl is not null;

    /// <summary>Starts the program.</summary>
    /// <exception cref="AgentException">The directory is missing, or the program is missing or cannot be run.</exception>
    public static AgentProcess Start(AgentCommand command)
    {
        if (!Directory.Exists(command.WorkingDirectory))
        {
            throw new AgentException(
                FailureKind.WorkingDirectoryNotFound,
                $"The working directory '{command.WorkingDirectory}' does not exist. Create it, or name another one with -WorkingDirectory.")
            { Value = command.WorkingDirectory };
        }

        ExecutableCheck.ThrowIfNotRunnable(command.Executable);
        var process = new Process { StartInfo = Describe(command), EnableRaisingEvents = true };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new AgentException(
                FailureKind.ExecutableNotRunnable,
                $"'{command.Executable}' could not be started: {e.Message}",
                e)
            { Value = command.Executable };
        }

        return new AgentProcess(process, leadsGroup: CanIsolate);
    }

    private static ProcessStartInfo Describe(AgentCommand command)
    {
        var info = new ProcessStartInfo
        {
            WorkingDirectory = command.WorkingDirectory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in command.Environment)
        {
            if (value is null)
                info.Environment.Remove(name);
            else
                info.Environment[name] = value;
        }

        info.FileName = command.Executable;
        if (Setsid is not null)
        {
            info.FileName = Setsid;
            info.ArgumentList.Add(command.Executable);
        }
        else if (Perl is not null)
        {
            info.FileName = Perl;
            foreach (string argument in (string[])["-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\\n\"", command.Executable])
                info.ArgumentList.Add(argument);
        }

        foreach (string argument in command.Arguments)
            info.ArgumentList.Add(argument);
        return info;
    }

    private static string? Find(string tool) => OperatingSystem.IsWindows()
        ? null
        : ((string[])["/usr/bin", "/bin", "/usr/local/bin"]).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
