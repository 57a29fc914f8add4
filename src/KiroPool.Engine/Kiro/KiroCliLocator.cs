using System.Collections.Immutable;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>Finds the agent program: a path as given, a name on <c>PATH</c>, then the install folders of kiro-cli.</summary>
public static class KiroCliLocator
{
    /// <summary>The default program.</summary>
    public const string DefaultName = "kiro-cli";

    /// <summary>Finds a program.</summary>
    /// <param name="program">A path or a name; <see cref="DefaultName"/> when null or empty.</param>
    /// <param name="baseDirectory">The base of a relative path and of relative folders in <c>PATH</c>; the current directory of the process when null.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="AgentException">
    /// <see cref="FailureKind.ExecutableNotFound"/>, with the searched places, or <see cref="FailureKind.ExecutableNotRunnable"/>.
    /// </exception>
    public static string Locate(string? program = null, string? baseDirectory = null)
    {
        string name = string.IsNullOrEmpty(program) ? DefaultName : program;
        string directory = baseDirectory ?? Environment.CurrentDirectory;
        if (IsPath(name))
        {
            string path = Path.GetFullPath(ExpandHome(name), directory);
            path = FileNames(path).FirstOrDefault(ExecutableCheck.IsRunnable) ?? path;
            if (!File.Exists(path))
                ThrowIfScript(path, [""]);
            ExecutableCheck.ThrowIfNotRunnable(path);
            return path;
        }

        // PATH may contain relative folders. They are relative to the user's location, which can differ from the directory of the host.
        string[] folders = [.. SearchFolders().Select(folder => Path.GetFullPath(ExpandHome(folder), directory))];
        string? found = folders
            .SelectMany(folder => FileNames(name).Select(file => Path.Combine(folder, file)))
            .FirstOrDefault(ExecutableCheck.IsRunnable);
        if (found is null)
            ThrowIfScript(name, folders);
        return found ?? throw new AgentException(
            FailureKind.ExecutableNotFound,
            $"'{name}' was not found in PATH or in {string.Join(", ", InstallFolders())}. "
            + (name == DefaultName ? "Install it from https://kiro.dev/cli and sign in with 'kiro-cli login', or name" : "Install it, or name")
            + " the program of the agent with -FilePath.")
        { Value = name };
    }

    /// <summary>Whether a program is kiro-cli, by its file name: <c>kiro-cli</c>, <c>kiro-cli-chat</c>, <c>kiro-cli.exe</c>.</summary>
    /// <param name="program">The program's path.</param>
    public static bool IsKiroCli(string program) => Path.GetFileName(program).StartsWith(DefaultName, StringComparison.OrdinalIgnoreCase);

    /// <summary>The arguments that make a known program speak ACP: <c>acp</c> for kiro-cli.</summary>
    /// <param name="program">The program's path.</param>
    public static ImmutableArray<string> DefaultArguments(string program) =>
        IsKiroCli(program) ? ["acp"] : [];

    private static bool IsPath(string name) => name.Contains('/') || (OperatingSystem.IsWindows() && (name.Contains('\\') || name.Contains(':')));

    private static string ExpandHome(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || (OperatingSystem.IsWindows() && path.StartsWith(@"~\", StringComparison.Ordinal))
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[Math.Min(2, path.Length)..])
        : path;

    private static IEnumerable<string> SearchFolders()
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return (OperatingSystem.IsWindows() ? WindowsPrograms.Folders(path) : path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)).Concat(InstallFolders());
    }

    private static void ThrowIfScript(string name, IEnumerable<string> folders)
    {
        if (OperatingSystem.IsWindows() && WindowsPrograms.FindScript(name, folders) is { } script)
            throw WindowsPrograms.NotStartable(script);
    }

    private static IEnumerable<string> InstallFolders()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsWindows()
            ?
            [
                Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Programs", "kiro-cli"),
                Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "kiro-cli"),
                Path.Combine(home, ".local", "bin"),
            ]
            : ["/usr/local/bin", "/usr/bin", Path.Combine(home, ".local", "bin"), "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"];
    }

    private static IEnumerable<string> FileNames(string name) =>
        OperatingSystem.IsWindows() ? WindowsPrograms.FileNames(name, WindowsPrograms.PathExtensions) : [name];
}
