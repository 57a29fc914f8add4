using System.Collections.Immutable;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>Builds the command line of kiro-cli. Prompts and secrets are never part of it.</summary>
public static class KiroCommandLine
{
    private const string StreamJson = "--output-format=stream-json";
    private const string FirstWithV3 = "2.8";
    private const int WrongArguments = 2;

    /// <summary>The arguments for a spec.</summary>
    /// <param name="spec">The agent.</param>
    /// <param name="info">The facts of its kiro-cli; not needed for Delimited.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>: the requested engine is not available.</exception>
    public static ImmutableArray<string> Build(AgentSpec spec, KiroCliInfo info)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(info);
        return spec.Protocol switch
        {
            AgentProtocol.Acp => ["acp", .. Engine(spec.Engine, info)],
            AgentProtocol.Chat => ["chat", "--no-interactive", .. Format(spec.Engine, info), .. Choices(spec, Choose(spec.Engine, info) == KiroEngine.V3 || info.HasV3Only)],
            _ => ["chat", "--interactive", .. Choices(spec, isV3: false)],
        };
    }

    /// <summary>Returns the command for a spec, after the necessary questions to kiro-cli.</summary>
    /// <exception cref="AgentException">kiro-cli is not signed in, the engine is not available, or kiro-cli did not answer in time.</exception>
    internal static async Task<AgentCommand> PrepareAsync(AgentSpec spec, TimeSpan limit, TimeProvider time, IAgentStarter starter, CancellationToken cancellationToken)
    {
        PlainTextLimits.ThrowIfNotSupported(spec);
        bool isPlainText = spec.Protocol != AgentProtocol.Acp;
        ImmutableArray<string> arguments = spec.Arguments;
        if (spec.UsesKiroCommandLine)
        {
            // An ACP agent reports a missing sign-in. A chat may wait for one.
            KiroCliInfo info = await AskAsync(spec, limit, time, starter, cancellationToken).ConfigureAwait(false);
            arguments = Build(spec, info);
            if (isPlainText)
                await KiroSignIn.RequireAsync(spec, limit, time, starter, cancellationToken).ConfigureAwait(false);
        }

        return new AgentCommand(spec.Executable, arguments, spec.WorkingDirectory, KiroEnvironment.Of(spec, isPlainText, starter.Host));
    }

    /// <summary>Asks for the facts. If a program does not answer, a chat gets the command line of the oldest version.</summary>
    private static async Task<KiroCliInfo> AskAsync(AgentSpec spec, TimeSpan limit, TimeProvider time, IAgentStarter starter, CancellationToken cancellationToken)
    {
        if (spec.Protocol == AgentProtocol.Delimited)
            return NotAsked;
        try
        {
            return await KiroCliInfo.ProbeAsync(spec, limit, time, starter, cancellationToken).ConfigureAwait(false);
        }
        catch (AgentException e) when (e.Kind == FailureKind.AgentStartTimedOut && spec.Protocol == AgentProtocol.Chat && spec.Engine is null)
        {
            return NotAsked;
        }
    }

    private static KiroCliInfo NotAsked { get; } = new(null, false, false, false);

    /// <summary>Whether a command line requests the answer as JSON, one event per line.</summary>
    public static bool HasStreamJson(IReadOnlyList<string> arguments) => arguments.Contains(StreamJson);

    /// <summary>The engine that a command line names; null if it names none.</summary>
    internal static KiroEngine? EngineOf(IReadOnlyList<string> arguments)
    {
        foreach (KiroEngine engine in Enum.GetValues<KiroEngine>())
        {
            if (arguments.Contains(EngineArgument(engine)))
                return engine;
        }

        return null;
    }

    /// <summary>The advice for a kiro-cli that refused its arguments; null without one.</summary>
    internal static string? Advise(AgentSpec spec, IReadOnlyList<string> arguments, int exitCode) =>
        exitCode != WrongArguments || !spec.UsesKiroCommandLine ? null
        : arguments.Contains(EngineArgument(KiroEngine.V2)) ? "It refused its arguments. If this version has no engine V2 any more, try -Engine V3."
        : arguments.Contains(EngineArgument(KiroEngine.V3)) ? $"It refused its arguments. The engine V3 needs kiro-cli {FirstWithV3} or later."
        : "It refused its arguments; its version may be too old or too new.";

    /// <summary>
    /// A failure of an agent that asked for a token, with the remedy. A command line of KiroPool has <c>--auth-method</c>
    /// wherever this kiro-cli knows it, so there the version is too old.
    /// </summary>
    internal static AgentException ExplainToken(AgentSpec spec, AgentException failure)
    {
        // The stderr of the agent may be the end of the message. It is not a part of the sentence.
        string separator = failure.Message.Contains('\n', StringComparison.Ordinal) ? Environment.NewLine : " ";
        (string remedy, string advice) = spec.UsesKiroCommandLine
            ? ("This kiro-cli does not have '--auth-method cli', with which it would sign in by itself.", "Update kiro-cli, or sign in with the variable KIRO_API_KEY.")
            : ("Start it with '--auth-method cli', so that kiro-cli signs in by itself.", "Add '--auth-method', 'cli' to -ArgumentList.");
        return new AgentException(failure.Kind, $"{failure.Message}{separator}The agent asked KiroPool for an access token, which it does not have. {remedy}", failure)
        {
            Value = failure.Value,
            Advice = advice,
        };
    }

    /// <summary>
    /// Version 2 is requested where possible, so that an update of kiro-cli does not change the engine. Agent, model and
    /// trust are not included: they apply only to the first session, and version 3 refuses them, although its help lists them.
    /// </summary>
    private static IEnumerable<string> Engine(KiroEngine? asked, KiroCliInfo info)
    {
        KiroEngine? engine = Choose(asked, info);
        if (info.HasEngineChoice)
            yield return EngineArgument(engine!.Value);

        // Older versions of V3 do not have it. They sign in with KIRO_API_KEY only.
        if (info.HasAuthMethod && (engine == KiroEngine.V3 || info.HasV3Only))
            yield return "--auth-method=cli";
    }

    /// <summary>The format of a chat's answer, where there is a choice. The engine is named too, because its events depend on it.</summary>
    private static IEnumerable<string> Format(KiroEngine? asked, KiroCliInfo info)
    {
        KiroEngine? engine = Choose(asked, info);
        if (info.HasEngineChoice && (asked is not null || info.HasStreamJson))
            yield return EngineArgument(engine!.Value);
        if (info.HasStreamJson && asked != KiroEngine.V1)
            yield return StreamJson;
    }

    private static KiroEngine? Choose(KiroEngine? asked, KiroCliInfo info) =>
        info.HasEngineChoice ? asked ?? KiroEngine.V2
        : asked is { } wanted && (wanted == KiroEngine.V3) != info.HasV3Only ? throw NoChoice(wanted, info)
        : asked;

    private static AgentException NoChoice(KiroEngine wanted, KiroCliInfo info) => new(
        FailureKind.NotSupported,
        wanted == KiroEngine.V3
            ? $"The engine V3 needs kiro-cli {FirstWithV3} or later, and this one is {info.Version ?? "of unknown version"}. Update it, or omit -Engine."
            : $"This kiro-cli ({info.Version ?? "of unknown version"}) has no choice of engine{(info.HasV3Only ? " and only the engine V3" : "")}, so it cannot run {Name(wanted)}. Omit -Engine{(info.HasV3Only ? ", or try -Engine V3" : "")}.")
    { Value = Name(wanted) };

    private static string EngineArgument(KiroEngine engine) => $"--agent-engine={Name(engine)}";

    /// <summary>Uses the equals sign, so that no value is read as a flag.</summary>
    private static IEnumerable<string> Choices(AgentSpec spec, bool isV3)
    {
        if (spec.Model is { } model)
            yield return $"--model={model}";
        if (spec.Agent is { } agent)
            yield return $"--agent={(isV3 ? KiroV3Dialect.Instance.AgentName(agent) : agent)}";
        if (spec.Text.ResumeConversation && spec.Protocol == AgentProtocol.Chat)
            yield return "--resume";
        if (spec.Text.TrustAllTools)
            yield return "--trust-all-tools";
        else if (spec.Text.TrustTools.Length > 0)
            yield return $"--trust-tools={string.Join(',', spec.Text.TrustTools)}";
    }

    private static string Name(KiroEngine engine) => engine switch
    {
        KiroEngine.V1 => "v1",
        KiroEngine.V2 => "v2",
        _ => "v3",
    };
}
