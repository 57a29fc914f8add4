using System.Buffers;
using System.Text;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The command line of a batch file. Only cmd.exe runs those, and it reads the arguments as a part of its commands. There is
/// no quoting that holds for whatever the file does with them, so arguments with characters of that language are refused.
/// </summary>
internal static class BatchCommandLine
{
    private static readonly SearchValues<char> Commands = SearchValues.Create("\"%!&|<>^\r\n\0");

    /// <summary>Whether a program is a batch file.</summary>
    public static bool IsBatchFile(string program) =>
        Path.GetExtension(program.AsSpan()) is var extension
        && (extension.Equals(".cmd", StringComparison.OrdinalIgnoreCase) || extension.Equals(".bat", StringComparison.OrdinalIgnoreCase));

    /// <summary>The command line for cmd.exe: no AutoRun commands of the user (/d), no delayed expansion (/v:off).</summary>
    /// <param name="shell">The path of cmd.exe.</param>
    /// <param name="batchFile">The batch file.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="isHostCommand">Whether it reaches a host. Its last argument is then the script that runs there.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.ArgumentListInvalid"/>, naming the character.</exception>
    public static string Of(string shell, string batchFile, IReadOnlyList<string> arguments, bool isHostCommand = false)
    {
        if (Forbidden(batchFile) is { } inPath)
        {
            throw new AgentException(
                FailureKind.ExecutableNotRunnable,
                $"The path of the batch file '{batchFile}' contains {inPath}, which cmd.exe reads as a command. Rename it, or name the program that it starts with -FilePath.")
            { Value = batchFile };
        }

        // With /s, cmd.exe removes the outer quotes and reads the rest as it is.
        var line = new StringBuilder().Append('"').Append(shell).Append("\" /d /e:on /v:off /s /c \"\"").Append(batchFile).Append('"');
        for (int i = 0; i < arguments.Count; i++)
        {
            if (Forbidden(arguments[i]) is { } found)
            {
                throw new AgentException(
                    FailureKind.ArgumentListInvalid,
                    isHostCommand
                        ? $"'{batchFile}' is a batch file, so it cannot be the Command of -HostCommand: cmd.exe would read {found} in the script for the host as a command. Name the program that the batch file starts."
                        : $"Argument {i + 1} of the agent's program contains {found}, and '{batchFile}' is a batch file: cmd.exe would read the character as a command. Name the program that the batch file starts with -FilePath, or remove the character.")
                { Value = arguments[i] };
            }

            WindowsCommandLine.Append(line.Append(' '), arguments[i], always: !IsPlain(arguments[i]));
        }

        return line.Append('"').ToString();
    }

    private static string? Forbidden(string text) => text.AsSpan().IndexOfAny(Commands) is >= 0 and var found
        ? text[found] switch
        {
            '\r' => "a carriage return",
            '\n' => "a line break",
            '\0' => "a zero character",
            var c => $"the character {c}",
        }
        : null;

    // cmd.exe takes commas, semicolons and equals signs between arguments for spaces.
    private static bool IsPlain(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_.:/\\+@".Contains(c, StringComparison.Ordinal));
}
