using System.Diagnostics;
using KiroPool.Benchmarks.Agents;

namespace KiroPool.Benchmarks.Rivals;

/// <summary><c>kiro-cli chat --no-interactive</c>: a process per prompt, which is on stdin; the answer is on stdout.</summary>
internal static class ChatCommand
{
    /// <summary>The command line of the Python pool.</summary>
    public static readonly string[] Arguments = ["chat", "--model", "claude-opus-4.5", "--resume", "--no-interactive", "--trust-all-tools"];

    private static readonly Lazy<bool> Simulated = new(() => Run(AgentProgram.Simulator(), "hello", endsIt: false) == 0);

    /// <summary>Whether the simulator at hand plays it.</summary>
    public static bool IsSimulated => Simulated.Value;

    /// <returns>The exit code.</returns>
    public static int Run(AgentProgram program, string prompt, bool endsIt)
    {
        var info = new ProcessStartInfo(program.Executable, Arguments)
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        program.AddTo(info.Environment);
        using Process process = Process.Start(info)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(prompt);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It refused the prompt. Its exit code says so.
        }

        process.StandardOutput.ReadToEnd();
        _ = errors.Result;
        if (endsIt)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return process.ExitCode;
    }
}
