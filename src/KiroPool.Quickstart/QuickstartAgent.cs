using System.ComponentModel;
using System.Diagnostics;

namespace KiroPool.Quickstart;

/// <summary>The agent of the demo: its announcement, and its parameters for Start-KiroPool.</summary>
internal sealed record QuickstartAgent(string Announcement, IReadOnlyDictionary<string, object> Parameters)
{
    /// <summary>A start of 1.2 s, sessions of 0.15 s and turns of 0.2 s: short for a demo, in realistic proportion.</summary>
    private const string SimulatedTimes = """{ "startMs": 400, "firstSessionMs": 800, "sessionMs": 150, "turnMs": 200 }""";

    /// <summary>A kiro-cli that has both engines.</summary>
    private const string SimulatedVersion = "2.27.1";

    /// <summary>The named agent; else kiro-cli, if it is installed and signed in; else the simulator.</summary>
    /// <param name="named">A program and its arguments, or nothing.</param>
    /// <param name="simulator">The simulator's program.</param>
    public static QuickstartAgent Choose(string[] named, string simulator)
    {
        if (named is [var program, .. var arguments])
            return new($"Agent: {string.Join(' ', named)}", new Dictionary<string, object> { ["FilePath"] = program, ["ArgumentList"] = arguments });
        if (KiroIsSignedIn())
            return new("Agent: kiro-cli", new Dictionary<string, object>());
        return new("""
            Agent: the simulator of this repository, because kiro-cli is not installed or not signed in.
            It starts in 1.2 s, answers in 0.2 s, and repeats each prompt.
            """, SimulatorParameters(simulator));
    }

    /// <summary>An engine of kiro-cli; of the simulator, where kiro-cli is not installed or not signed in.</summary>
    /// <param name="engine">v2 or v3.</param>
    /// <param name="simulator">The simulator's program.</param>
    public static QuickstartAgent ChooseEngine(string engine, string simulator)
    {
        QuickstartAgent agent = Choose([], simulator);
        Dictionary<string, object> parameters = new(agent.Parameters) { ["Engine"] = engine };
        if (parameters.ContainsKey("Environment"))
            parameters["Environment"] = new System.Collections.Hashtable { ["KIROPOOL_SIMULATOR"] = SimulatedTimes.Replace("{ ", $"{{ \"version\": \"{SimulatedVersion}\", ", StringComparison.Ordinal) };

        return new($"{agent.Announcement}{Environment.NewLine}Engine: {engine}.", parameters);
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
