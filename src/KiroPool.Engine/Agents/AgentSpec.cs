using System.Collections.Immutable;

namespace KiroPool.Engine.Agents;

/// <summary>
/// The values that are fixed when an agent process starts. They form the key that decides which agent can serve a prompt.
/// Two specs are equal if their values are.
/// </summary>
public sealed class AgentSpec : IEquatable<AgentSpec>
{
    private static readonly StringComparer EnvironmentNames =
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    private readonly Lazy<int> _hash;

    /// <summary>No variables. Build on this value: it compares names as the platform does.</summary>
    public static ImmutableSortedDictionary<string, string?> NoEnvironment { get; } = ImmutableSortedDictionary.Create<string, string?>(EnvironmentNames);

    /// <summary>Creates a spec.</summary>
    public AgentSpec() => _hash = new Lazy<int>(ComputeHash);

    /// <summary>The full path of the agent program. On far hosts also a name, which is looked up there.</summary>
    public required string Executable { get; init; }

    /// <summary>The protocol of the program.</summary>
    public AgentProtocol Protocol { get; init; }

    /// <summary>Its arguments, passed as they are, unless <see cref="UsesKiroCommandLine"/>.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.ArgumentListInvalid"/>: one contains a zero character.</exception>
    public ImmutableArray<string> Arguments
    {
        get;
        init => field = value.IsDefault ? [] : ProcessStrings.CheckArguments(value);
    } = [];

    /// <summary>
    /// Whether the program is kiro-cli and its arguments follow from protocol, engine, agent, model and trust
    /// (<see cref="Kiro.KiroCommandLine"/>). <see cref="Arguments"/> are then ignored.
    /// </summary>
    public bool UsesKiroCommandLine { get; init; }

    /// <summary>The engine of kiro-cli; null for version 2 if it can be chosen. Used only with <see cref="UsesKiroCommandLine"/>.</summary>
    public KiroEngine? Engine { get; init; }

    /// <summary>Trust, delimiters and other settings that only Chat and Delimited fix at the start. Not part of the key of an ACP agent.</summary>
    public TextSettings Text { get; init; } = TextSettings.Default;

    /// <summary>MCP servers, options and other values of its sessions. Only ACP has them.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;

    /// <summary>
    /// Whether a user attends to the conversation: the agent then may ask with forms (elicitation), and may let KiroPool run
    /// commands (terminals), which the user or trust approves. It is part of the key, because an agent learns it at its start.
    /// Only ACP has that. Terminals are not offered to agents on other hosts.
    /// </summary>
    public bool IsInteractive { get; init; }

    /// <summary>The full path of the working directory of the process and its sessions.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The agent (mode) to use; the program's own default when null.</summary>
    public string? Agent { get; init; }

    /// <summary>The model to use; the program's own default when null.</summary>
    public string? Model { get; init; }

    /// <summary>Environment variables set for the process, in addition to the host's; null as a value removes one.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.EnvironmentInvalid"/>: no process can have such a name or value.</exception>
    public ImmutableSortedDictionary<string, string?> Environment { get; init => field = ProcessStrings.CheckEnvironment(value); } = NoEnvironment;

    /// <summary>The name of the only host that can serve, because a conversation is there; null for any of the pool's.</summary>
    public string? HostName { get; init; }

    /// <summary>The same spec with another agent, model, directory, text or session settings, program, host or user where they are given.</summary>
    public AgentSpec With(string? agent = null, string? model = null, string? workingDirectory = null, TextSettings? text = null, SessionSettings? session = null, string? executable = null, string? hostName = null, bool? isInteractive = null) =>
        agent is null && model is null && workingDirectory is null && text is null && session is null && executable is null && hostName is null && (isInteractive ?? IsInteractive) == IsInteractive
            ? this
            : new AgentSpec
            {
                Executable = executable ?? Executable,
                HostName = hostName ?? HostName,
                Protocol = Protocol,
                Arguments = Arguments,
                UsesKiroCommandLine = UsesKiroCommandLine,
                Engine = Engine,
                Text = text ?? Text,
                Session = session ?? Session,
                IsInteractive = isInteractive ?? IsInteractive,
                Environment = Environment,
                Agent = agent ?? Agent,
                Model = model ?? Model,
                WorkingDirectory = workingDirectory ?? WorkingDirectory,
            };

    /// <inheritdoc/>
    public bool Equals(AgentSpec? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && _hash.Value == other._hash.Value
            && PathKey.Of(Executable) == PathKey.Of(other.Executable)
            && Protocol == other.Protocol
            && UsesKiroCommandLine == other.UsesKiroCommandLine
            && Engine == other.Engine
            && (Protocol == AgentProtocol.Acp || Text.Equals(other.Text))
            && Session.Equals(other.Session)
            && IsInteractive == other.IsInteractive
            && HostName == other.HostName
            && PathKey.Of(WorkingDirectory) == PathKey.Of(other.WorkingDirectory)
            && Agent == other.Agent
            && Model == other.Model
            && Arguments.SequenceEqual(other.Arguments)
            && Environment.Count == other.Environment.Count
            && Environment.All(variable => other.Environment.TryGetValue(variable.Key, out string? value) && value == variable.Value));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AgentSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash.Value;

    /// <summary>Program, protocol if it is not ACP, agent, model and directory. Arguments and environment may hold secrets and are left out.</summary>
    public override string ToString()
    {
        string agent = Agent is null ? "" : $", agent '{Agent}'";
        string model = Model is null ? "" : $", model '{Model}'";
        string protocol = Protocol == AgentProtocol.Acp ? "" : $" ({Protocol})";
        return $"{Path.GetFileName(Executable)}{protocol} in '{WorkingDirectory}'{agent}{model}";
    }

    /// <summary>Checks that the protocol supports these values.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>, naming the protocol that can.</exception>
    public void ThrowIfNotSupported() => PlainTextLimits.ThrowIfNotSupported(this);

    /// <summary>Whether a process can serve only one prompt or conversation, so that no prompt sees an earlier one.</summary>
    internal bool ServesOnce => Protocol == AgentProtocol.Chat || (Protocol == AgentProtocol.Delimited && !Text.ReuseProcesses);

    private int ComputeHash()
    {
        var hash = default(HashCode);
        hash.Add(PathKey.Of(Executable));
        hash.Add(Protocol);
        hash.Add(UsesKiroCommandLine);
        hash.Add(Engine);
        if (Protocol != AgentProtocol.Acp)
            hash.Add(Text);
        hash.Add(Session);
        hash.Add(IsInteractive);
        hash.Add(HostName);
        hash.Add(PathKey.Of(WorkingDirectory));
        hash.Add(Agent);
        hash.Add(Model);
        foreach (string argument in Arguments)
            hash.Add(argument);
        foreach ((string name, string? value) in Environment)
        {
            hash.Add(name, EnvironmentNames);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
