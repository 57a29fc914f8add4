using System.Collections.Immutable;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The variables an agent is given besides those its spec names. What the user or the host has set stays as it is.</summary>
internal static class KiroEnvironment
{
    /// <summary>An agent that replaces itself while it serves is no warm agent.</summary>
    public const string NoAutoUpdate = "KIRO_NO_AUTO_UPDATE";

    /// <summary>See no-color.org. kiro-cli leaves some control codes all the same.</summary>
    public const string NoColor = "NO_COLOR";

    /// <summary>The key that stands for a sign-in.</summary>
    public const string ApiKey = "KIRO_API_KEY";

    /// <summary>Moves kiro-cli's own directory, which is ~/.kiro otherwise.</summary>
    public const string Home = "KIRO_HOME";

    public static ImmutableSortedDictionary<string, string?> Of(AgentSpec spec, bool isPlainText)
    {
        ImmutableSortedDictionary<string, string?> variables = spec.Environment;
        if (KiroCliLocator.IsKiroCli(spec.Executable))
            variables = WithDefault(variables, NoAutoUpdate, "1");
        return isPlainText ? WithDefault(variables, NoColor, "1") : variables;
    }

    /// <summary>The value an agent of that spec sees; null when it sees none.</summary>
    public static string? Read(AgentSpec spec, string name) =>
        spec.Environment.TryGetValue(name, out string? value) ? value : Environment.GetEnvironmentVariable(name);

    private static ImmutableSortedDictionary<string, string?> WithDefault(ImmutableSortedDictionary<string, string?> variables, string name, string value) =>
        variables.ContainsKey(name) || Environment.GetEnvironmentVariable(name) is not null ? variables : variables.Add(name, value);
}
