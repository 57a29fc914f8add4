using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The batch file that npm writes for a program of a package. It only starts another program with the same arguments, so
/// that program can be started directly, without cmd.exe, which would read the arguments as commands.
/// </summary>
/// <param name="Interpreter">The name of the program that runs the target, such as <c>node</c>; null if the target is a program.</param>
/// <param name="Arguments">The arguments between the interpreter and the target.</param>
/// <param name="Target">The target, relative to the folder of the batch file.</param>
internal sealed partial record NpmShim(string? Interpreter, ImmutableArray<string> Arguments, string Target)
{
    /// <summary>Reads the text of a batch file.</summary>
    /// <returns>Null unless every line is one that npm writes: any other line may do something that must not be left out.</returns>
    public static NpmShim? TryRead(string text)
    {
        NpmShim? shim = null;
        string? interpreter = null;
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (FrameLine().IsMatch(line))
                continue;
            if (InterpreterLine().Match(line) is { Success: true } set)
            {
                if (!Agrees(ref interpreter, set.Groups["name"].Value))
                    return null;
            }
            else if (RunLine().Match(line) is { Success: true } run)
            {
                // Versions before 6 write the same line twice, for an interpreter beside the file and for one in PATH.
                string? named = run.Groups["local"].Success ? run.Groups["local"].Value : run.Groups["name"].Success ? run.Groups["name"].Value : null;
                if (named is not null && !Agrees(ref interpreter, named))
                    return null;
                string[] arguments = run.Groups["arguments"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                string target = run.Groups["target"].Value.TrimStart('\\');
                bool isDirect = !run.Groups["local"].Success && !run.Groups["name"].Success && !run.Groups["set"].Success;
                if ((isDirect && arguments.Length > 0) || (shim is not null && (shim.Target != target || !shim.Arguments.SequenceEqual(arguments))))
                    return null;
                shim = new NpmShim(isDirect ? null : "", [.. arguments], target);
            }
            else
            {
                return null;
            }
        }

        return shim is null || (shim.Interpreter is null) != (interpreter is null) ? null : shim with { Interpreter = interpreter };
    }

    private static bool Agrees(ref string? interpreter, string name)
    {
        string plain = name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
        interpreter ??= plain;
        return interpreter.Equals(plain, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The lines around: find the folder, and choose between an interpreter beside the file and one in PATH.</summary>
    [GeneratedRegex("""
        ^@?(?:ECHO\ off | GOTO\ start | :find_dp0 | SET\ dp0=%~dp0 | EXIT\ /b(?:\ %errorlevel%)? | :start | SETLOCAL | ENDLOCAL | CALL\ :find_dp0
        | IF\ EXIST\ "%(?:~dp0|dp0%)\\[\w.+-]+\.exe"\ \( | \)\ ELSE\ \( | SET\ PATHEXT=%PATHEXT:;\.JS;=;% | \) )$
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex FrameLine();

    [GeneratedRegex("""
        ^@?SET\ "_prog=(?:%dp0%\\)?(?<name>[\w.+-]+)"$
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex InterpreterLine();

    /// <summary>The line that runs the target with the arguments of the caller (<c>%*</c>).</summary>
    [GeneratedRegex("""
        ^@?(?:endLocal\ &\ goto\ \#_undefined_\#\ 2>NUL\ \|\|\ title\ %COMSPEC%\ &\ )?
        (?: (?<set>"%_prog%")\s | "%~dp0\\(?<local>[\w.+-]+\.exe)"\s | (?<name>[\w.+-]+)\s )?
        (?<arguments>[^"%&|<>^!]*)
        "%(?:~dp0|dp0%)\\(?<target>[^"%&|<>^!]+)"\s+%\*$
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex RunLine();
}
