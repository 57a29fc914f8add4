namespace KiroPool.Engine.Processes;

/// <summary>Says before a start what the operating system would only say as a number afterwards.</summary>
internal static class ExecutableCheck
{
    /// <summary>Whether the file is there and may be executed by somebody.</summary>
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
                $"'{path}' is a directory, not a program. Name the agent's executable file.")
            { Value = path };
        }

        if (File.Exists(path))
        {
            throw new AgentException(
                FailureKind.ExecutableNotRunnable,
                $"'{path}' is not executable. Give it the execute permission (chmod +x), or name the program that runs it and pass the file in -ArgumentList.")
            { Value = path };
        }

        throw new AgentException(FailureKind.ExecutableNotFound, $"The agent program '{path}' does not exist.") { Value = path };
    }
}
