using System.Diagnostics;
using System.Globalization;
using KiroPool.Benchmarks.Agents;

namespace KiroPool.Benchmarks.Rivals;

/// <summary><c>ForEach-Object -Parallel</c> around the command line, in a real pwsh. The start of pwsh does not count.</summary>
internal static class ForEachParallel
{
    private const string Script =
        """
        $program, $count, $width, $arguments = $args
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $answers = @(1..$count | ForEach-Object -ThrottleLimit $width -Parallel { $arguments = $using:arguments; "prompt $_" | & $using:program @arguments 2>$null })
        $seconds = $watch.Elapsed.TotalSeconds
        if ($answers.Count -lt $count) { throw "Only $($answers.Count) lines of answers." }
        $seconds.ToString([cultureinfo]::InvariantCulture)
        """;

    private static readonly string? Pwsh = Repository.FindOnPath("pwsh");

    /// <summary>The reason why it cannot be measured; null if it can.</summary>
    public static string? Missing => Pwsh is null ? "there is no pwsh on PATH" : ChatCommand.IsSimulated ? null : "this simulator does not play the chat command";

    /// <returns>Seconds.</returns>
    public static double Run(AgentProgram program, int prompts, int width)
    {
        string file = Path.Combine(Path.GetTempPath(), $"kiropool-benchmark-{Guid.NewGuid():N}.ps1");
        File.WriteAllText(file, Script);
        try
        {
            string[] numbers = [prompts.ToString(CultureInfo.InvariantCulture), width.ToString(CultureInfo.InvariantCulture)];
            var info = new ProcessStartInfo(Pwsh!, ["-NoProfile", "-NonInteractive", "-File", file, program.Executable, .. numbers, .. ChatCommand.Arguments])
            {
                WorkingDirectory = AppContext.BaseDirectory,
                RedirectStandardOutput = true,
            };
            program.AddTo(info.Environment);
            using Process pwsh = Process.Start(info)!;
            string output = pwsh.StandardOutput.ReadToEnd();
            pwsh.WaitForExit();
            return double.Parse(output, CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
