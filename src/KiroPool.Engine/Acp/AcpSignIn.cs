using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>One way an agent offers to sign in.</summary>
/// <param name="Id">What <c>authenticate</c> is told.</param>
/// <param name="Name">What people read.</param>
/// <param name="Kind">env_var, terminal, or agent: the agent does it by itself.</param>
/// <param name="Variables">The variables an env_var method needs.</param>
/// <param name="Arguments">The arguments with which a terminal method runs the program.</param>
internal sealed record AuthMethod(string Id, string Name, string Kind, IReadOnlyList<string> Variables, IReadOnlyList<string> Arguments);

/// <summary>
/// The ways an agent offers to sign in, and the one that can be taken without a person: the method whose variables the agent
/// has, or the only one, where the agent does it by itself.
/// </summary>
internal sealed class AcpSignIn
{
    private const string ByVariable = "env_var";
    private const string ByTerminal = "terminal";
    private const string ByAgent = "agent";

    private readonly AgentSpec _spec;
    private readonly IReadOnlyList<AuthMethod> _methods;

    /// <param name="offered">The <c>authMethods</c> of the answer to <c>initialize</c>, of whatever shape.</param>
    /// <param name="spec">The agent, whose variables count.</param>
    public AcpSignIn(JsonElement offered, AgentSpec spec)
    {
        _spec = spec;
        _methods = offered.ValueKind == JsonValueKind.Array
            ? [.. offered.EnumerateArray().Where(method => method.ValueKind == JsonValueKind.Object).Select(Read).OfType<AuthMethod>()]
            : [];
    }

    /// <summary>The method to call; null when a person is needed.</summary>
    public AuthMethod? Choice =>
        _methods.FirstOrDefault(method => method.Kind == ByVariable && Missing(method).Length == 0)
        ?? (_methods is [{ Kind: ByAgent } only] ? only : null);

    /// <summary>What the user can do, as a sentence.</summary>
    /// <param name="isKiro">Whether it is kiro-cli, which has a command of its own for that.</param>
    public string Advise(bool isKiro)
    {
        if (isKiro)
            return "Sign in with 'kiro-cli login'.";
        if (_methods.Count == 0)
            return "It names no way to sign in: see its documentation.";
        return $"It offers {string.Join("; ", _methods.Select(Describe))}.";
    }

    private string Describe(AuthMethod method)
    {
        string name = method.Name == method.Id ? $"'{method.Id}'" : $"'{method.Id}' ({method.Name})";
        return method.Kind switch
        {
            ByVariable when Missing(method) is { Length: > 0 } missing => $"{name}, which needs the environment variable {string.Join(" and ", missing)}: set it with -Environment",
            ByVariable => $"{name}, whose environment variable it did not accept",
            ByTerminal => $"{name}: run '{string.Join(' ', method.Arguments.Prepend(Path.GetFileName(_spec.Executable)))}' in a terminal",
            _ => name,
        };
    }

    private string[] Missing(AuthMethod method) => [.. method.Variables.Where(name => string.IsNullOrEmpty(KiroEnvironment.Read(_spec, name)))];

    private static AuthMethod? Read(JsonElement method)
    {
        if (Text(method, "id") is not { Length: > 0 } id)
            return null;
        string kind = (Text(method, "type") ?? ByAgent).Replace('-', '_');
        List<string> variables = [];
        if (method.TryGetProperty("vars", out JsonElement vars) && vars.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement variable in vars.EnumerateArray())
            {
                bool isOptional = variable.ValueKind == JsonValueKind.Object && variable.TryGetProperty("optional", out JsonElement optional) && optional.ValueKind == JsonValueKind.True;
                if (!isOptional && (variable.ValueKind == JsonValueKind.String ? variable.GetString() : Text(variable, "name")) is { Length: > 0 } name)
                    variables.Add(name);
            }
        }
        else if (Text(method, "varName") is { Length: > 0 } one)
        {
            variables.Add(one);
        }

        IEnumerable<string> arguments = method.TryGetProperty("args", out JsonElement args) && args.ValueKind == JsonValueKind.Array
            ? args.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!)
            : [];
        return new AuthMethod(id, Text(method, "name") ?? id, kind is ByVariable or ByTerminal ? kind : kind == "envVar" ? ByVariable : ByAgent, variables, [.. arguments]);
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
