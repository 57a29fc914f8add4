using System.Collections.Immutable;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>Builds the command line of kiro-cli. Prompts and secrets are never part of it.</summary>
public static class KiroCommandLine
{
    /// <summary>The arguments for a spec.</summary>
    /// <param name="spec">The agent.</param>
    /// <param name="info">The facts of its kiro-cli; needed only for ACP.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>: the requested engine is not available.</exception>
    public static ImmutableArray<string> Build(AgentSpec spec, KiroCliInfo info)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(info);
        return spec.Protocol switch
        {
            AgentProtocol.Acp => ["acp", .. Engine(spec.Engine, info)],
            _ => ["chat", spec.Protocol == AgentProtocol.Chat ? "--no-interactive" : "--interactive", .. Choices(spec)],
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
            KiroCliInfo info = isPlainText ? NotAsked : await KiroCliInfo.ProbeAsync(spec, limit, time, starter, cancellationToken).ConfigureAwait(false);
            arguments = Build(spec, info);
            if (isPlainText)
                await KiroSignIn.RequireAsync(spec, limit, time, starter, cancellationToken).ConfigureAwait(false);
        }

        return new AgentCommand(spec.Executable, arguments, spec.WorkingDirectory, KiroEnvironment.Of(spec, isPlainText, starter.Host));
    }

    private static KiroCliInfo NotAsked { get; } = new(null, false, false, false);

    /// <summary>
    /// Version 2 is requested where possible, so that an update of kiro-cli does not change the engine. Agent, model and
    /// trust are not included: they apply only to the first session, and version 3 refuses them.
    /// </summary>
    private static IEnumerable<string> Engine(KiroEngine? asked, KiroCliInfo info)
    {
        KiroEngine? engine = asked ?? (info.HasEngineChoice ? KiroEngine.V2 : null);
        if (info.HasEngineChoice)
            yield return $"--agent-engine={Name(engine!.Value)}";
        else if (asked is { } wanted && (wanted == KiroEngine.V3) != info.IsV3)
            throw new AgentException(FailureKind.NotSupported, $"This kiro-cli ({info.Version ?? "of unknown version"}) has no choice of engine, and {Name(wanted)} is not its default. Update it, or omit -Engine.") { Value = Name(wanted) };
        if (engine == KiroEngine.V3 || info.IsV3)
            yield return "--auth-method=cli";
    }

    /// <summary>Uses the equals sign, so that no value is read as a flag.</summary>
    private static IEnumerable<string> Choices(AgentSpec spec)
    {
        if (spec.Model is { } model)
            yield return $"--model={model}";
        if (spec.Agent is { } agent)
            yield return $"--agent={agent}";
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
