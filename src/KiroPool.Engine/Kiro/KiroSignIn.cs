using System.Collections.Concurrent;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>Whether kiro-cli is signed in.</summary>
public enum KiroSignInState
{
    /// <summary>kiro-cli is signed in.</summary>
    SignedIn,

    /// <summary>kiro-cli is not signed in: prompts would fail, or wait for a login in a browser.</summary>
    SignedOut,

    /// <summary>The program is not kiro-cli, or does not answer the question.</summary>
    Unknown,
}

/// <summary>Asks <c>kiro-cli whoami</c> before a chat, because a chat without credentials may wait for a login for ever.</summary>
public static class KiroSignIn
{
    /// <summary>The remedy if kiro-cli is not signed in. It does not apply to other agents.</summary>
    internal const string Advice = "Sign in with 'kiro-cli login', then run the command again.";

    // Long enough for one question per batch, short enough to notice an expired sign-in.
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);

    private static readonly ConcurrentDictionary<(AgentSpec Spec, AgentHost Host), long> SignedIn = new();

    /// <summary>The failure of a kiro-cli that waits for a sign-in in a browser.</summary>
    internal static AgentException WaitsForPerson() =>
        new(FailureKind.SignInRequired, "kiro-cli waits for a sign-in in a browser. Sign in with 'kiro-cli login', or set KIRO_API_KEY.") { Advice = Advice };

    /// <summary>Asks kiro-cli. Other programs are not asked.</summary>
    /// <param name="spec">The agent; program, directory and environment count.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentException">kiro-cli could not be run, or did not answer in time (<see cref="FailureKind.AgentStartTimedOut"/>).</exception>
    public static Task<KiroSignInState> CheckAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time = null, CancellationToken cancellationToken = default) =>
        CheckAsync(spec, limit, time, LocalStarter.Instance, cancellationToken);

    private static async Task<KiroSignInState> CheckAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time, IAgentStarter starter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!KiroCliLocator.IsKiroCli(spec.Executable))
            return KiroSignInState.Unknown;
        InquiryAnswer? answer = await KiroInquiry.RunAsync(spec, ["whoami", "--format", "json"], limit, time ?? TimeProvider.System, starter, cancellationToken).ConfigureAwait(false);
        return answer?.ExitCode switch
        {
            null => throw new AgentException(
                FailureKind.AgentStartTimedOut,
                $"'{Path.GetFileName(spec.Executable)} whoami' did not answer within {limit.TotalSeconds:0.#} s. Run it by hand to see what it waits for. 'kiro-cli login' signs in."),
            0 => KiroSignInState.SignedIn,
            1 => KiroSignInState.SignedOut,
            _ => KiroSignInState.Unknown,
        };
    }

    /// <summary>Fails if kiro-cli is known to be signed out. A good answer is valid for five minutes.</summary>
    /// <param name="spec">The agent; program, directory and environment count.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.SignInRequired"/>, or kiro-cli could not be run, or did not answer in time (<see cref="FailureKind.AgentStartTimedOut"/>).</exception>
    public static Task RequireAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time = null, CancellationToken cancellationToken = default) =>
        RequireAsync(spec, limit, time, LocalStarter.Instance, cancellationToken);

    /// <summary>The same on the host of a starter.</summary>
    internal static async Task RequireAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time, IAgentStarter starter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        time ??= TimeProvider.System;

        // A key needs no login, and only an answer shows whether it is still valid.
        if (!string.IsNullOrEmpty(KiroEnvironment.Read(spec, KiroEnvironment.ApiKey, starter.Host)))
            return;
        (AgentSpec, AgentHost) key = (KeyOf(spec), starter.Host);
        if (SignedIn.TryGetValue(key, out long since) && time.GetElapsedTime(since) < GoodFor)
            return;
        KiroSignInState state = await CheckAsync(spec, limit, time, starter, cancellationToken).ConfigureAwait(false);
        if (state == KiroSignInState.SignedOut)
            throw new AgentException(FailureKind.SignInRequired, "kiro-cli is not signed in. Sign in with 'kiro-cli login'.") { Advice = Advice };
        SignedIn[key] = time.GetTimestamp();
    }

    /// <summary>Drops the remembered sign-in after an answer has contradicted it.</summary>
    internal static void Forget(AgentSpec spec, AgentHost host) => SignedIn.TryRemove((KeyOf(spec), host), out _);

    private static AgentSpec KeyOf(AgentSpec spec) => new() { Executable = spec.Executable, WorkingDirectory = "", Environment = spec.Environment };
}
