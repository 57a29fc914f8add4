using System.Collections;
using System.Collections.Immutable;
using System.Text.Json;
using KiroPool.Engine.Agents;

namespace KiroPool.Benchmarks.Agents;

/// <summary>A measured agent, with all ways to start it.</summary>
internal sealed record AgentProgram(string Executable, ImmutableArray<string> Arguments, string? Settings = null)
{
    private const string SettingsVariable = "KIROPOOL_SIMULATOR";

    public static AgentProgram Instant { get; } = new(Repository.Benchmarks, [InstantAgent.Role]);

    /// <param name="startMs">The duration of the start.</param>
    /// <param name="sessionMs">The duration of each session/new.</param>
    /// <param name="turnMs">The duration of a turn.</param>
    /// <param name="log">The path of its log; null for none.</param>
    public static AgentProgram Simulator(int startMs = 0, int sessionMs = 0, int turnMs = 0, string? log = null) =>
        new(Repository.Simulator, ["acp"], JsonSerializer.Serialize(new { startMs, sessionMs, firstSessionMs = sessionMs, turnMs, log }));

    public AgentSpec Spec => new()
    {
        Executable = Executable,
        Arguments = Arguments,
        WorkingDirectory = AppContext.BaseDirectory,
        Environment = Settings is null ? AgentSpec.NoEnvironment : AgentSpec.NoEnvironment.Add(SettingsVariable, Settings),
    };

    /// <summary>Parameters for splatting to Start-KiroPool.</summary>
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
