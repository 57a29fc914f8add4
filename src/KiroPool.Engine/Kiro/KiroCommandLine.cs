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
    /// <param name="info">What its kiro-cli can do; not needed for Delimited.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>: the engine that is asked for cannot be had.</exception>
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
    internal static async Task<AgentCommand> PrepareAsync(AgentSpec spec, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        PlainTextLimits.ThrowIfNotSupported(spec);
        bool isPlainText = spec.Protocol != AgentProtocol.Acp;
        ImmutableArray<string> arguments = spec.Arguments;
        if (spec.UsesKiroCommandLine)
        {
            // An ACP agent says itself that it wants a sign-in; a chat may just wait for one.
            KiroCliInfo info = await AskAsync(spec, limit, time, cancellationToken).ConfigureAwait(false);
            arguments = Build(spec, info);
            if (isPlainText)
                await KiroSignIn.RequireAsync(spec, limit, time, cancellationToken).ConfigureAwait(false);
        }

        return new AgentCommand(spec.Executable, arguments, spec.WorkingDirectory, KiroEnvironment.Of(spec, isPlainText));
    }

    /// <summary>Asks what can be said on the command line. A chat can do without: a program that does not answer gets the oldest one.</summary>
    private static async Task<KiroCliInfo> AskAsync(AgentSpec spec, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (spec.Protocol == AgentProtocol.Delimited)
            return NotAsked;
        try
        {
            return await KiroCliInfo.ProbeAsync(spec, limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (AgentException e) when (e.Kind == FailureKind.AgentStartTimedOut && spec.Protocol == AgentProtocol.Chat && spec.Engine is null)
        {
            return NotAsked;
        }
    }

    private static KiroCliInfo NotAsked { get; } = new(null, false, false, false);

    /// <summary>Whether a command line has the answer come as JSON, an event a line.</summary>
    public static bool HasStreamJson(IReadOnlyList<string> arguments) => arguments.Contains(StreamJson);

    /// <summary>What a kiro-cli that ended over its arguments means by it; null where nothing is known.</summary>
    internal static string? Advise(AgentSpec spec, IReadOnlyList<string> arguments, int exitCode) =>
        exitCode != WrongArguments || !spec.UsesKiroCommandLine ? null
        : arguments.Contains(EngineArgument(KiroEngine.V2)) ? "It did not take its arguments. If this kiro-cli has no V2 engine any more, try -Engine V3."
        : arguments.Contains(EngineArgument(KiroEngine.V3)) ? $"It did not take its arguments. The V3 engine needs kiro-cli {FirstWithV3} or later."
        : "It did not take its arguments; its version may be too old or too new for them.";

    /// <summary>
    /// Version 2 is asked for where it can be, so that an update of kiro-cli does not change the engine. Agent, model and
    /// trust are not said here: they hold for the first session only, and version 3 refuses them, though its help lists them.
    /// </summary>
    private static IEnumerable<string> Engine(KiroEngine? asked, KiroCliInfo info)
    {
        KiroEngine? engine = Choose(asked, info);
        if (info.HasEngineChoice)
            yield return EngineArgument(engine!.Value);

        // Older versions of v3 do not know it, and sign in with KIRO_API_KEY only.
        if (info.HasAuthMethod && (engine == KiroEngine.V3 || info.HasV3Only))
            yield return "--auth-method=cli";
    }

    /// <summary>The machine's way to be answered, where there is one; the engine is named, as its answers depend on it.</summary>
    private static IEnumerable<string> Format(KiroEngine? asked, KiroCliInfo info)
    {
        if (asked is not null || (info.HasStreamJson && info.HasEngineChoice))
            yield return info.HasEngineChoice ? EngineArgument(Choose(asked, info)!.Value) : throw NoChoice(asked!.Value, info);
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
            ? $"The V3 engine needs kiro-cli {FirstWithV3} or later, and this is {info.Version ?? "of unknown version"}. Update it, or do not name an engine."
            : $"This kiro-cli ({info.Version ?? "of unknown version"}) lets no engine be chosen{(info.HasV3Only ? " and has V3 only" : "")}, so it cannot run {Name(wanted)}. Do not name an engine{(info.HasV3Only ? ", or try -Engine V3" : "")}.")
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
