namespace KiroPool.Engine.Processes;

/// <summary>The files that Windows can start, and the names under which a program is looked up.</summary>
internal static class WindowsPrograms
{
    private const string DefaultExtensions = ".COM;.EXE;.BAT;.CMD";
    private static readonly string[] Startable = DefaultExtensions.Split(';');

    /// <summary>The value of PATHEXT.</summary>
    public static string? PathExtensions => Environment.GetEnvironmentVariable("PATHEXT");

    /// <summary>
    /// The file names to look for, in order. A name is never one without an extension of a program: beside its batch file,
    /// npm writes a shell script without one. A dot alone makes no extension (<c>agent-1.2</c>).
    /// </summary>
    /// <param name="name">The name, or a path, as the user wrote it.</param>
    /// <param name="pathExtensions">PATHEXT; null or empty for that of Windows. Only extensions that a process can start count.</param>
    public static IEnumerable<string> FileNames(string name, string? pathExtensions)
    {
        if (IsStartable(name))
            yield return name;
        foreach (string extension in (string.IsNullOrWhiteSpace(pathExtensions) ? DefaultExtensions : pathExtensions).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Startable.Contains(extension, StringComparer.OrdinalIgnoreCase))
                yield return name + extension.ToLowerInvariant();
        }
    }

    /// <summary>The folders of a value of PATH. Windows allows quotes around one.</summary>
    public static IEnumerable<string> Folders(string? path) =>
        (path ?? "").Split(';').Select(folder => folder.Trim().Trim('"')).Where(folder => folder.Length > 0);

    /// <summary>The script that a name was meant for, where no program has it: the file itself, or with <c>.ps1</c>.</summary>
    /// <param name="name">The name, or a path, as the user wrote it.</param>
    /// <param name="folders">The folders to look in.</param>
    public static string? FindScript(string name, IEnumerable<string> folders)
    {
        string[] names = ScriptRemedy(name) is null ? [name + ".ps1"] : [name, name + ".ps1"];
        return folders.SelectMany(folder => names.Select(file => Path.Combine(folder, file))).FirstOrDefault(File.Exists);
    }

    /// <summary>Searches a name in folders.</summary>
    public static string? Find(string name, IEnumerable<string> folders) =>
        folders.SelectMany(folder => FileNames(name, PathExtensions).Select(file => Path.Combine(folder, file))).FirstOrDefault(File.Exists);

    /// <summary>Whether Windows starts files with this extension.</summary>
    public static bool IsStartable(string path) => Startable.Any(extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase) && path.Length > extension.Length);

    /// <summary>Whether a file is a program, whatever its name: programs begin with the letters MZ.</summary>
    public static bool HasProgramHeader(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return file.ReadByte() == 'M' && file.ReadByte() == 'Z';
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Explains why a file cannot be started, and what to write instead.</summary>
    public static AgentException NotStartable(string path)
    {
        string remedy = ScriptRemedy(path) ?? "is not a program of Windows. Name the program that runs it with -FilePath, and pass the file in -ArgumentList.";
        return new AgentException(FailureKind.ExecutableNotRunnable, $"'{path}' {remedy}") { Value = path };
    }

    private static string? ScriptRemedy(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".PS1" => $"is a PowerShell script, which Windows does not start as a program. Write -FilePath pwsh -ArgumentList '-NoProfile', '-File', '{path}'.",
        ".JS" or ".MJS" or ".CJS" => $"is a script of Node.js, which Windows does not start as a program. Write -FilePath node -ArgumentList '{path}'.",
        ".PY" => $"is a Python script, which Windows does not start as a program. Write -FilePath python -ArgumentList '{path}'.",
        _ => null,
    };
}
