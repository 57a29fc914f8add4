namespace KiroPool.Engine.Processes;

/// <summary>Checks a program before its start, because the operating system would report only an error number.</summary>
internal static class ExecutableCheck
{
    /// <summary>Whether the file exists and has an execute permission.</summary>
    public static bool IsRunnable(string path)
    {
        if (!File.Exists(path))
            return false;
        if (OperatingSystem.IsWindows())
            return true;
        const UnixFileMode anyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return (File.GetUnixFileMode(path) & anyExecute) != 0;
    }

    public static void ThrowIfNotRunnable(string path)
    {
        if (IsRunnable(path))
            return;
        if (Directory.Exists(path))
        {
            throw new AgentException(
                FailureKind.ExecutableNotRunnable,
                $"'{path}' is a directory, not a program. Name the executable file of the agent.")
            { Value = path };
        }

        if (File.Exists(path))
        {
            throw new AgentException(
                FailureKind.ExecutableNotRunnable,
                $"'{path}' is not executable. Set the execute permission (chmod +x), or name the program that runs it and pass the file in -ArgumentList.")
            { Value = path };
        }

        throw new AgentException(FailureKind.ExecutableNotFound, $"The agent program '{path}' does not exist.") { Value = path };
    }
}
