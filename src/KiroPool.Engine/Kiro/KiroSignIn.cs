using System.Collections.Concurrent;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>Whether kiro-cli has an account to work with.</summary>
public enum KiroSignInState
{
    /// <summary>It has.</summary>
    SignedIn,

    /// <summary>It has none: prompts would fail, or wait for a login in a browser.</summary>
    SignedOut,

    /// <summary>It cannot be told: the program is not kiro-cli, or does not answer the question.</summary>
    Unknown,
}

/// <summary>Asks <c>kiro-cli whoami</c>. Without credentials a chat may wait for a login for ever; this tells before.</summary>
public static class KiroSignIn
{
    // Long enough to be asked once per batch, short enough to notice that a sign-in has run out.
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);

    private static readonly ConcurrentDictionary<AgentSpec, long> SignedIn = new();

    /// <summary>Asks. A program that is not kiro-cli is not asked.</summary>
    /// <param name="spec">The agent; program, directory and environment count.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentException">It could not be run, or did not answer in time (<see cref="FailureKind.AgentStartTimedOut"/>).</exception>
    public static async Task<KiroSignInState> CheckAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!KiroCliLocator.IsKiroCli(spec.Executable))
            return KiroSignInState.Unknown;
        InquiryAnswer? answer = await KiroInquiry.RunAsync(spec, ["whoami", "--format", "json"], limit, time ?? TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return answer?.ExitCode switch
        {
            null => throw new AgentException(
                FailureKind.AgentStartTimedOut,
                $"'{Path.GetFileName(spec.Executable)} whoami' did not answer within {limit.TotalSeconds:0.#} s. Run it by hand to see what it waits for; 'kiro-cli login' signs in."),
            0 => KiroSignInState.SignedIn,
            1 => KiroSignInState.SignedOut,
            _ => KiroSignInState.Unknown,
        };
    }

    /// <summary>Fails unless the user is signed in, as far as it can be told. A good answer is believed for five minutes.</summary>
    /// <param name="spec">The agent; program, directory and environment count.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.SignInRequired"/>, and as <see cref="CheckAsync"/>.</exception>
    public static async Task RequireAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        time ??= TimeProvider.System;

        // A key needs no login, and whether it is still good only an answer tells.
        if (!string.IsNullOrEmpty(KiroEnvironment.Read(spec, KiroEnvironment.ApiKey)))
            return;
        AgentSpec key = KeyOf(spec);
        if (SignedIn.TryGetValue(key, out long since) && time.GetElapsedTime(since) < GoodFor)
            return;
        KiroSignInState state = await CheckAsync(spec, limit, time, cancellationToken).ConfigureAwait(false);
        if (state == KiroSignInState.SignedOut)
            throw new AgentException(FailureKind.SignInRequired, "kiro-cli has no account to work with. Sign in with 'kiro-cli login'.");
        SignedIn[key] = time.GetTimestamp();
    }

    /// <summary>An answer said that the sign-in has run out: what was believed is asked again.</summary>
    internal static void Forget(AgentSpec spec) => SignedIn.TryRemove(KeyOf(spec), out _);

    private static AgentSpec KeyOf(AgentSpec spec) => new() { Executable = spec.Executable, WorkingDirectory = "", Environment = spec.Environment };
}
