using System.Collections;
using System.Collections.Immutable;
using System.Text.Json;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine.Agents;

namespace KiroPool.Benchmarks.Agents;

/// <summary>An agent to measure with: how it is started, in all the ways a benchmark starts it.</summary>
internal sealed record AgentProgram(string Executable, ImmutableArray<string> Arguments, string? Settings = null)
{
    private const string SettingsVariable = "KIROPOOL_SIMULATOR";

    public static AgentProgram Instant { get; } = new(Repository.Benchmarks, [InstantAgent.Role]);

    /// <param name="startMs">How long the program takes to come up.</param>
    /// <param name="sessionMs">How long each session takes to make.</param>
    /// <param name="turnMs">How long a turn takes.</param>
    /// <param name="log">Where it writes down what it sees; null for nowhere.</param>
    public static AgentProgram Simulator(int startMs = 0, int sessionMs = 0, int turnMs = 0, string? log = null) =>
        new(Repository.Simulator, ["acp"], JsonSerializer.Serialize(new { startMs, sessionMs, firstSessionMs = sessionMs, turnMs, log }));

    public AgentSpec Spec => new()
    {
        Executable = Executable,
        Arguments = Arguments,
        WorkingDirectory = AppContext.BaseDirectory,
        Environment = Settings is null ? AgentSpec.NoEnvironment : AgentSpec.NoEnvironment.Add(SettingsVariable, Settings),
    };

    /// <summary>Parameters of Start-KiroPool, to be splatted.</summary>
    public Hashtable Parameters
    {
        get
        {
            var parameters = new Hashtable
            {
                ["FilePath"] = Executable,
                ["ArgumentList"] = Arguments.ToArray(),
                ["WorkingDirectory"] = AppContext.BaseDirectory,
            };
            if (Settings is not null)
                parameters["Environment"] = new Hashtable { [SettingsVariable] = Settings };
            return parameters;
        }
    }

    /// <summary>Sets the simulator's settings in another program's environment.</summary>
    public void AddTo(IDictionary<string, string?> environment)
    {
        if (Settings is not null)
            environment[SettingsVariable] = Settings;
    }

    /// <summary>For another process of this program.</summary>
    public string[] ToArguments() => [Executable, Settings ?? "", .. Arguments];

    public static AgentProgram FromArguments(string[] arguments) => new(arguments[0], [.. arguments[2..]], arguments[1].Length == 0 ? null : arguments[1]);
}
