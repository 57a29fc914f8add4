namespace KiroPool.Engine.Processes;

/// <summary>Checks a program before its start, because the operating system would report only an error number.</summary>
internal static class ExecutableCheck
{
    /// <summary>Whether the file exists and the user may execute it.</summary>
    public static bool IsRunnable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() ? WindowsPrograms.IsStartable(path) || WindowsPrograms.HasProgramHeader(path) : UnixAccess.MayExecute(path));

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
            if (OperatingSystem.IsWindows())
                throw WindowsPrograms.NotStartable(path);
            throw new AgentException(
                FailureKind.ExecutableNotRunnable,
                $"'{path}' is not executable. Set the execute permission (chmod +x), or name the program that runs it and pass the file in -ArgumentList.")
            { Value = path };
        }

        if (!OperatingSystem.IsWindows() && UnixAccess.IsHidden(path))
        {
            throw new AgentException(
                FailureKind.ExecutableNotRunnable,
                $"The user '{Environment.UserName}' may not enter a directory above '{path}'. Grant the execute permission on it, or name another program with -FilePath.")
            { Value = path };
        }

        throw new AgentException(FailureKind.ExecutableNotFound, $"The agent program '{path}' does not exist.") { Value = path };
    }
}
