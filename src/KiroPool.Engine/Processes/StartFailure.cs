using System.ComponentModel;
using System.Globalization;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes;

/// <summary>
/// Says why the system refused to start a process. It gives a number that names no culprit: a directory, a file, a
/// variable and the limits of the host share a few.
/// </summary>
internal static class StartFailure
{
    // MAX_PATH, less the backslash and the zero that Windows adds.
    private const int LongestWindowsDirectory = 258;

    private const int CommandLineTooLong = 206;
    private const int InvalidParameter = 87;

    private enum Obstacle
    {
        Other,
        TooLarge,
        Denied,
        NotFound,
        NoHandles,
        NoProcesses,
        NoMemory,
    }

    /// <summary>The failure of an agent's start.</summary>
    /// <param name="cause">What the system said.</param>
    /// <param name="command">What was to be started.</param>
    /// <param name="environment">All variables the process was to have, inherited ones included.</param>
    public static AgentException Of(Win32Exception cause, AgentCommand command, IDictionary<string, string?> environment)
    {
        switch (Identify(cause.NativeErrorCode))
        {
            // CreateProcess takes fewer characters than other functions, and does not say that this is the reason.
            case Obstacle.NotFound or Obstacle.TooLarge or Obstacle.Other when OperatingSystem.IsWindows() && command.WorkingDirectory.Length > LongestWindowsDirectory && Directory.Exists(command.WorkingDirectory):
                return new AgentException(
                    FailureKind.WorkingDirectoryNotAccessible,
                    string.Create(CultureInfo.InvariantCulture, $"Windows starts no program in '{command.WorkingDirectory}': its path has {command.WorkingDirectory.Length} characters, and at most {LongestWindowsDirectory} are possible. Choose a shorter path with -WorkingDirectory, or make a junction to it (New-Item -ItemType Junction)."),
                    cause)
                { Value = command.WorkingDirectory };
            case Obstacle.TooLarge when cause.NativeErrorCode != InvalidParameter || environment.Any(v => v.Key.Length + v.Value?.Length >= WindowsCommandLine.MostCharacters - 1):
                return TooLarge(cause, command, environment);

            // The program itself was checked before; between it and us stands only the change of the directory.
            case Obstacle.Denied when !OperatingSystem.IsWindows() && ExecutableCheck.IsRunnable(command.Executable):
                return WorkingDirectoryCheck.NotAccessible(command.WorkingDirectory, cause: cause);
            case Obstacle.NotFound when !Directory.Exists(command.WorkingDirectory):
                return new AgentException(
                    FailureKind.WorkingDirectoryNotFound,
                    $"The working directory '{command.WorkingDirectory}' is gone. Create it, or choose another one with -WorkingDirectory.",
                    cause)
                { Value = command.WorkingDirectory };
            case Obstacle.Denied when OperatingSystem.IsWindows():
                return new AgentException(
                    FailureKind.ExecutableNotRunnable,
                    $"'{command.Executable}' could not be started: {cause.Message} Either the user '{Environment.UserName}' or a policy may not run the program, or the job of this host forbids the job that holds the agent.",
                    cause)
                { Value = command.Executable };
            default:
                return OfHost(cause, $"'{command.Executable}'") ?? new AgentException(
                    FailureKind.ExecutableNotRunnable,
                    $"'{command.Executable}' could not be started: {cause.Message}",
                    cause)
                { Value = command.Executable };
        }
    }

    /// <summary>The failure where the host itself has nothing left to start a process with; null for any other.</summary>
    public static AgentException? OfHost(Win32Exception cause, string program) => Identify(cause.NativeErrorCode) switch
    {
        Obstacle.NoHandles => Exhausted(
            cause,
            ResourceLimit.OpenFiles is { } most
                ? string.Create(CultureInfo.InvariantCulture, $"{program} could not be started: this process has no file handle left (limit {most:N0}). Close what it holds open, or raise the limit (ulimit -n).")
                : $"{program} could not be started: no file handle is left. Close what this process holds open, or raise the limit.",
            "file handles"),
        Obstacle.NoProcesses => Exhausted(
            cause,
            OperatingSystem.IsWindows()
                ? $"{program} could not be started: {cause.Message} The job or the quota of this host allows no more processes. End some, lower -MaxSize, or raise the limit of the job."
                : $"{program} could not be started: the user '{Environment.UserName}' may have no more processes. End some, lower -MaxSize, or raise the limit (ulimit -u, or that of the container).",
            "processes"),
        Obstacle.NoMemory => Exhausted(
            cause,
            $"{program} could not be started: no memory is left for another process. End other programs, or lower -MaxSize.",
            "memory"),
        _ => null,
    };

    private static AgentException Exhausted(Exception cause, string message, string what) =>
        new(FailureKind.ResourcesExhausted, message, cause) { Value = what };

    private static AgentException TooLarge(Win32Exception cause, AgentCommand command, IDictionary<string, string?> environment)
    {
        (string Name, long Bytes)[] variables = [.. environment.Select(v => (v.Key, Bytes: ProcessStrings.Size(v.Key) + ProcessStrings.Size(v.Value)))];
        long[] arguments = [.. command.Arguments.Prepend(command.Executable).Select(ProcessStrings.Size)];
        (string name, long largest) = variables.Length == 0 ? ("", 0) : variables.MaxBy(v => v.Bytes);
        long total = variables.Sum(v => v.Bytes);
        string program = Path.GetFileName(command.Executable);

        // One string that is too long for itself decides; without one, the longer of both lists.
        // Windows reports only a command line this way; it refuses an environment as a wrong parameter.
        bool byArguments = OperatingSystem.IsWindows() ? cause.NativeErrorCode == CommandLineTooLong : Math.Max(largest, arguments.Max()) > ProcessStrings.MostBytes ? arguments.Max() > largest : arguments.Sum() > total;
        if (byArguments)
        {
            return new AgentException(
                FailureKind.ArgumentListTooLarge,
                string.Create(CultureInfo.InvariantCulture, $"The arguments of '{program}' are too large for the system: {arguments.Sum():N0} bytes, the longest of them {arguments.Max():N0}. Shorten -ArgumentList, or pass a file."),
                cause)
            { Value = arguments.Sum() };
        }

        return new AgentException(
            FailureKind.EnvironmentTooLarge,
            string.Create(CultureInfo.InvariantCulture, $"The environment of '{program}' is too large for the system: {total:N0} bytes in {variables.Length:N0} variables, the longest of them '{name}' with {largest:N0}. Shorten it, or leave it out with -Environment @{{ {name} = $null }}."),
            cause)
        { Value = name };
    }

    private static Obstacle Identify(int code) => OperatingSystem.IsWindows()
        ? code switch
        {
            CommandLineTooLong or InvalidParameter => Obstacle.TooLarge,
            5 => Obstacle.Denied,
            2 or 3 or 267 => Obstacle.NotFound,
            4 => Obstacle.NoHandles,
            1816 => Obstacle.NoProcesses,
            8 or 14 or 1450 or 1455 => Obstacle.NoMemory,
            _ => Obstacle.Other,
        }
        : code switch
        {
            7 => Obstacle.TooLarge,
            13 => Obstacle.Denied,
            2 or 20 => Obstacle.NotFound,
            23 or 24 => Obstacle.NoHandles,
            12 => Obstacle.NoMemory,
            11 when !OperatingSystem.IsMacOS() => Obstacle.NoProcesses,
            35 when OperatingSystem.IsMacOS() => Obstacle.NoProcesses,
            _ => Obstacle.Other,
        };
}
