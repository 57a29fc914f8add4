using System.ComponentModel;
using System.Diagnostics;

namespace KiroPool.Quickstart;

/// <summary>The agent the demo talks to: how it is announced, and what Start-KiroPool is told of it.</summary>
internal sealed record QuickstartAgent(string Announcement, IReadOnlyDictionary<string, object> Parameters)
{
    /// <summary>A start of 1.2 s, sessions of 0.15 s and turns of 0.2 s: short for a demo, and in proportion.</summary>
    private const string SimulatedTimes = """{ "startMs": 400, "firstSessionMs": 800, "sessionMs": 150, "turnMs": 200 }""";

    /// <summary>The agent that was named; else kiro-cli, where it is installed and signed in; else the simulator.</summary>
    /// <param name="named">A program and its arguments, or nothing.</param>
    /// <param name="simulator">The simulator's program.</param>
    public static QuickstartAgent Choose(string[] named, string simulator)
    {
        if (named is [var program, .. var arguments])
            return new($"Agent: {string.Join(' ', named)}", new Dictionary<string, object> { ["FilePath"] = program, ["ArgumentList"] = arguments });
        if (KiroIsSignedIn())
            return new("Agent: kiro-cli", new Dictionary<string, object>());
        return new("""
            Agent: the simulator that comes with the sources, since kiro-cli is not installed or not signed in.
            It takes 1.2 s to start and 0.2 s to answer, and repeats what it is asked.
            """, SimulatorParameters(simulator));
    }

    private static Dictionary<string, object> SimulatorParameters(string simulator)
    {
        var parameters = new Dictionary<string, object> { ["FilePath"] = simulator };
        if (Environment.GetEnvironmentVariable("KIROPOOL_SIMULATOR") is null)
            parameters["Environment"] = new System.Collections.Hashtable { ["KIROPOOL_SIMULATOR"] = SimulatedTimes };
        return parameters;
    }

    private static bool KiroIsSignedIn()
    {
        try
        {
            using Process whoami = Process.Start(new ProcessStartInfo("kiro-cli", ["whoami"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            whoami.StandardInput.Close();
            whoami.OutputDataReceived += (_, _) => { };
            whoami.ErrorDataReceived += (_, _) => { };
            whoami.BeginOutputReadLine();
            whoami.BeginErrorReadLine();
            if (whoami.WaitForExit(TimeSpan.FromSeconds(20)))
                return whoami.ExitCode == 0;
            whoami.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
