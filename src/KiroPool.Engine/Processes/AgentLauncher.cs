using System.ComponentModel;
using System.Diagnostics;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes.Far;

namespace KiroPool.Engine.Processes;

/// <summary>A program to start. It gets its arguments as they are, without a shell.</summary>
internal sealed record AgentCommand(
    string Executable,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string?> Environment);

/// <summary>Starts agent programs, each in its own process session, with its three streams redirected.</summary>
internal static class AgentLauncher
{
    /// <summary>Starts the program under the guardian's watch.</summary>
    /// <exception cref="AgentException">The directory or the program is missing or may not be used, or the host cannot start it.</exception>
    public static Task<AgentProcess> LaunchAsync(AgentCommand command) => LaunchAsync(command, far: null);

    /// <summary>The same for a program that runs an agent on another host.</summary>
    /// <param name="command">The program.</param>
    /// <param name="far">The far end of it; null for an agent here.</param>
    /// <param name="drainStderr">Reads the program's stderr; null to keep its last part.</param>
    internal static async Task<AgentProcess> LaunchAsync(AgentCommand command, FarEnd? far, Func<Stream, Task>? drainStderr = null)
    {
        await ProcessGuardian.Shared.EnsureRunningAsync().ConfigureAwait(false);
        AgentProcess process = Start(command, SessionStarter.Default, far, drainStderr);
        try
        {
            await ProcessGuardian.Shared.WatchAsync(process.Id).ConfigureAwait(false);
            return process;
        }
        catch
        {
            // The guardian comes first: without it, the agent would outlive a killed host.
            await process.StopAsync(StopGraces.None, TimeProvider.System).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts the program.</summary>
    /// <exception cref="AgentException">The directory or the program is missing or may not be used, or the host cannot start it.</exception>
    public static AgentProcess Start(AgentCommand command) => Start(command, SessionStarter.Default);

    internal static AgentProcess Start(AgentCommand command, SessionStarter? starter, FarEnd? far = null, Func<Stream, Task>? drainStderr = null)
    {
        WorkingDirectoryCheck.ThrowIfNotUsable(command.WorkingDirectory);
        ExecutableCheck.ThrowIfNotRunnable(command.Executable);
        string marker = AgentMarker.Next();
        return OwnWork.Run(() => Start(command, starter, marker, far, drainStderr));
    }

    /// <summary>The runtime watches the process, and its streams are read, for as long as it lives.</summary>
    private static AgentProcess Start(AgentCommand command, SessionStarter? starter, string marker, FarEnd? far, Func<Stream, Task>? drainStderr)
    {
        if (OperatingSystem.IsWindows())
            return StartOnWindows(command, marker, far, drainStderr);
        ProcessStartInfo info = Describe(command, starter, marker);
        try
        {
            RedirectedProcess child = RedirectedProcess.Start(info);
            return new AgentProcess(child, new UnixTree(child.Id, marker), far, drainStderr);
        }
        catch (Win32Exception e)
        {
            throw StartFailure.Of(e, command, info.Environment);
        }
    }

    private static AgentProcess StartOnWindows(AgentCommand command, string marker, FarEnd? far, Func<Stream, Task>? drainStderr)
    {
        Dictionary<string, string?> environment = WindowsEnvironment.Of(Environment.GetEnvironmentVariables(), command.Environment);
        environment[AgentMarker.Variable] = marker;
        try
        {
            JobObject job = JobObject.KillOnClose();
            return new AgentProcess(WindowsProcess.Start(WindowsStart.Of(command, isHostCommand: far is not null), command.WorkingDirectory, environment, job), new WindowsTree(job), far, drainStderr);
        }
        catch (Win32Exception e)
        {
            throw StartFailure.Of(e, command, environment);
        }
    }

    private static ProcessStartInfo Describe(AgentCommand command, SessionStarter? starter, string marker)
    {
        var info = new ProcessStartInfo
        {
            WorkingDirectory = command.WorkingDirectory,
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

        info.Environment[AgentMarker.Variable] = marker;
        info.FileName = starter?.Program ?? command.Executable;
        if (starter is not null)
        {
            foreach (string argument in starter.Arguments)
                info.ArgumentList.Add(argument);
            info.ArgumentList.Add(command.Executable);
        }

        foreach (string argument in ProcessStrings.CheckArguments([.. command.Arguments]))
            info.ArgumentList.Add(argument);
        return info;
    }
}
