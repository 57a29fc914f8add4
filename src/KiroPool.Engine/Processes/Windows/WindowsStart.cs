using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes;

/// <summary>What CreateProcess is to start.</summary>
/// <param name="Program">The full path.</param>
/// <param name="CommandLine">The whole command line, the program included.</param>
internal sealed record WindowsStart(string Program, string CommandLine)
{
    // A shim may lead to another one: some version managers install node as a batch file.
    private const int MostShims = 4;

    /// <summary>The program itself, the target of npm's batch file, or cmd.exe for any other batch file.</summary>
    /// <exception cref="AgentException">An argument cannot be passed to a batch file, or what the file starts is missing.</exception>
    public static WindowsStart Of(AgentCommand command, bool isHostCommand)
    {
        string program = command.Executable;
        IReadOnlyList<string> arguments = ProcessStrings.CheckArguments([.. command.Arguments]);
        for (int shims = 0; BatchCommandLine.IsBatchFile(program); shims++)
        {
            if (shims == MostShims || ReadShim(program) is not { } shim)
                return InShell(command, program, arguments, isHostCommand);
            string folder = Path.GetDirectoryName(program)!;
            string target = Path.GetFullPath(shim.Target, folder);
            arguments = shim.Interpreter is null ? arguments : [.. shim.Arguments, target, .. arguments];
            program = shim.Interpreter is null ? target : FindInterpreter(shim.Interpreter, folder, program, command);
        }

        return new WindowsStart(program, WindowsCommandLine.Of(program, arguments));
    }

    private static NpmShim? ReadShim(string batchFile)
    {
        try
        {
            return NpmShim.TryRead(File.ReadAllText(batchFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static WindowsStart InShell(AgentCommand command, string batchFile, IReadOnlyList<string> arguments, bool isHostCommand)
    {
        // It would run in the folder of Windows instead, and only say so.
        if (command.WorkingDirectory.StartsWith(@"\\", StringComparison.Ordinal))
        {
            throw new AgentException(
                FailureKind.WorkingDirectoryNotAccessible,
                $"'{batchFile}' is a batch file, and cmd.exe cannot work in '{command.WorkingDirectory}'. Map the share to a drive letter, or name the program that the batch file starts with -FilePath.")
            { Value = command.WorkingDirectory };
        }

        string shell = Path.Combine(Environment.SystemDirectory, "cmd.exe");
        return new WindowsStart(shell, BatchCommandLine.Of(shell, batchFile, arguments, isHostCommand));
    }

    private static string FindInterpreter(string name, string folder, string shim, AgentCommand command)
    {
        string beside = Path.Combine(folder, name + ".exe");
        if (File.Exists(beside))
            return beside;
        string? path = command.Environment.FirstOrDefault(variable => variable.Key.Equals("PATH", StringComparison.OrdinalIgnoreCase)) is { Key: not null } set
            ? set.Value
            : Environment.GetEnvironmentVariable("PATH");
        IEnumerable<string> folders = WindowsPrograms.Folders(path).Select(one => Path.GetFullPath(one, command.WorkingDirectory));
        return WindowsPrograms.Find(name, folders) ?? throw new AgentException(
            FailureKind.ExecutableNotFound,
            $"'{shim}' starts '{name}', which was not found in PATH. Install it, or add its folder to PATH.")
        { Value = name };
    }
}
