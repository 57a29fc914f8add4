namespace KiroPool.Engine.Processes;

/// <summary>Says before a start whether an agent can run in a directory, and what to change when it cannot.</summary>
public static class WorkingDirectoryCheck
{
    /// <summary>Checks a directory.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="given">The path as the user wrote it, which the failure is about; the full one when null.</param>
    /// <exception cref="AgentException">
    /// <see cref="FailureKind.WorkingDirectoryNotFound"/>, or <see cref="FailureKind.WorkingDirectoryNotAccessible"/> when it may not be entered.
    /// </exception>
    public static void ThrowIfNotUsable(string path, string? given = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
        {
            if (!OperatingSystem.IsWindows() && !UnixAccess.MayExecute(path))
                throw NotAccessible(path, given);
            return;
        }

        if (!OperatingSystem.IsWindows() && UnixAccess.IsHidden(path))
            throw NotAccessible(path, given);
        throw new AgentException(
            FailureKind.WorkingDirectoryNotFound,
            File.Exists(path)
                ? $"The working directory '{path}' is a file. Name a directory with -WorkingDirectory."
                : $"The working directory '{path}' does not exist. Create it, or choose another one with -WorkingDirectory.")
        { Value = given ?? path };
    }

    internal static AgentException NotAccessible(string path, string? given = null, Exception? cause = null) =>
        new(
            FailureKind.WorkingDirectoryNotAccessible,
            $"The user '{Environment.UserName}' may not enter the working directory '{path}'. Grant the execute permission on it and on the directories above it, or choose another one with -WorkingDirectory.",
            cause)
        { Value = given ?? path };
}
