using System.Collections.Immutable;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>The one place where kiro-cli's command line is made. Prompts and secrets are never part of it.</summary>
public static class KiroCommandLine
{
    /// <summary>The arguments for a spec.</summary>
    /// <param name="spec">The agent.</param>
    /// <param name="info">What its kiro-cli can do; needed for ACP only.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>: the engine that is asked for cannot be had.</exception>
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

    /// <summary>What to start for a spec, after what kiro-cli has to be asked before.</summary>
    /// <exception cref="AgentException">Nobody is signed in, the engine cannot be had, or kiro-cli did not answer in time.</exception>
    internal static async Task<AgentCommand> PrepareAsync(AgentSpec spec, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        PlainTextLimits.ThrowIfNotSupported(spec);
        bool isPlainText = spec.Protocol != AgentProtocol.Acp;
        ImmutableArray<string> arguments = spec.Arguments;
        if (spec.UsesKiroCommandLine)
        {
            // An ACP agent says itself that it wants a sign-in; a chat may just wait for one.
            KiroCliInfo info = isPlainText ? NotAsked : await KiroCliInfo.ProbeAsync(spec, limit, time, cancellationToken).ConfigureAwait(false);
            arguments = Build(spec, info);
            if (isPlainText)
                await KiroSignIn.RequireAsync(spec, limit, time, cancellationToken).ConfigureAwait(false);
        }

        return new AgentCommand(spec.Executable, arguments, spec.WorkingDirectory, KiroEnvironment.Of(spec, isPlainText));
    }

    private static KiroCliInfo NotAsked { get; } = new(null, false, false, false);

    /// <summary>
    /// Version 2 is asked for where it can be, so that an update of kiro-cli does not change the engine. Agent, model and
    /// trust are not said here: they hold for the first session only, and version 3 refuses them.
    /// </summary>
    private static IEnumerable<string> Engine(KiroEngine? asked, KiroCliInfo info)
    {
        KiroEngine? engine = asked ?? (info.HasEngineChoice ? KiroEngine.V2 : null);
        if (info.HasEngineChoice)
            yield return $"--agent-engine={Name(engine!.Value)}";
        else if (asked is { } wanted && (wanted == KiroEngine.V3) != info.IsV3)
            throw new AgentException(FailureKind.NotSupported, $"This kiro-cli ({info.Version ?? "of unknown version"}) lets no engine be chosen, and {Name(wanted)} is not its own. Update it, or do not name an engine.") { Value = Name(wanted) };
        if (engine == KiroEngine.V3 || info.IsV3)
            yield return "--auth-method=cli";
    }

    /// <summary>With the equals sign, so that no value can pass for a flag.</summary>
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
