using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>
/// The facts that kiro-cli reports with <c>--version</c> and <c>--help</c>: the arguments of its parser. They do not depend
/// on the engine, because the help lists the same arguments for all.
/// </summary>
/// <param name="Version">Its version, such as 2.9.0; null if it is unknown.</param>
/// <param name="HasEngineChoice">Whether the command has <c>--agent-engine</c>; older versions end with exit code 2 over it.</param>
/// <param name="HasAuthMethod">Whether <c>acp</c> has <c>--auth-method</c>, which V3 needs.</param>
/// <param name="HasStreamJson">Whether <c>chat</c> has <c>--output-format</c>.</param>
public sealed partial record KiroCliInfo(string? Version, bool HasEngineChoice, bool HasAuthMethod, bool HasStreamJson)
{
    private static readonly ConcurrentDictionary<(AgentSpec, AgentHost, DateTime), Task<(KiroCliInfo Info, bool IsKept)>> Known = new();

    /// <summary>Whether V3 is its only engine: it has arguments that only V3 needs, and no choice of engine.</summary>
    public bool HasV3Only => !HasEngineChoice && (HasAuthMethod || HasStreamJson);

    /// <summary>Asks the program, once per command, executable, file time and environment.</summary>
    /// <param name="spec">The agent; program, protocol, directory and environment count.</param>
    /// <param name="limit">The longest wait for each of the two answers.</param>
    /// <param name="time">The clock; the system's if null.</param>
    /// <param name="cancellationToken">Ends the wait. The question continues for other callers.</param>
    /// <exception cref="AgentException">The program cannot be run, or did not answer in time.</exception>
    public static Task<KiroCliInfo> ProbeAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time = null, CancellationToken cancellationToken = default) =>
        ProbeAsync(spec, limit, time, LocalStarter.Instance, cancellationToken);

    /// <summary>The same on the host of a starter.</summary>
    internal static async Task<KiroCliInfo> ProbeAsync(AgentSpec spec, TimeSpan limit, TimeProvider? time, IAgentStarter starter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var program = new AgentSpec { Executable = spec.Executable, WorkingDirectory = "", Environment = spec.Environment, Protocol = CommandOf(spec) == "chat" ? AgentProtocol.Chat : AgentProtocol.Acp };
        (AgentSpec, AgentHost, DateTime) key = (program, starter.Host, starter.Host.IsFar ? Lately() : FileTime(spec.Executable));
        Task<(KiroCliInfo Info, bool IsKept)> asked = Known.GetOrAdd(key, _ => OwnWork.Run(() => Task.Run(() => AskAsync(spec, limit, time ?? TimeProvider.System, starter), CancellationToken.None)));
        try
        {
            return (await asked.WaitAsync(cancellationToken).ConfigureAwait(false)).Info;
        }
        finally
        {
            // Any failure, such as a moment without file handles, may have passed by the next call. It may also come after
            // this caller has gone.
            if (!IsKept(asked))
                _ = asked.ContinueWith(ForgetFailed, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        static bool IsKept(Task<(KiroCliInfo Info, bool IsKept)> asked) => asked.IsCompletedSuccessfully && asked.Result.IsKept;

        void ForgetFailed(Task<(KiroCliInfo Info, bool IsKept)> asked)
        {
            if (!IsKept(asked))
                Known.TryRemove(KeyValuePair.Create(key, asked));
        }
    }

    /// <summary>Asks the program. An answer with an error is used, because a program need not know the question, and not kept.</summary>
    private static async Task<(KiroCliInfo Info, bool IsKept)> AskAsync(AgentSpec spec, TimeSpan limit, TimeProvider time, IAgentStarter starter)
    {
        InquiryAnswer help = await AskAsync([CommandOf(spec), "--help"]).ConfigureAwait(false);
        InquiryAnswer version = await AskAsync(["--version"]).ConfigureAwait(false);
        var info = new KiroCliInfo(
            VersionNumber().Match(version.Output) is { Success: true } match ? match.Value : null,
            HasFlag(help.Output, "--agent-engine"),
            HasFlag(help.Output, "--auth-method"),
            HasFlag(help.Output, "--output-format"));
        return (info, help.ExitCode == 0 && version.ExitCode == 0);

        async Task<InquiryAnswer> AskAsync(string[] arguments) =>
            await KiroInquiry.RunAsync(spec, arguments, limit, time, starter, CancellationToken.None).ConfigureAwait(false)
            ?? throw new AgentException(FailureKind.AgentStartTimedOut, $"'{Path.GetFileName(spec.Executable)} {string.Join(' ', arguments)}' did not answer within {limit.TotalSeconds:0.#} s.")
            { Value = spec.Executable };
    }

    private static string CommandOf(AgentSpec spec) => spec.Protocol == AgentProtocol.Acp ? "acp" : "chat";

    private static bool HasFlag(string help, string flag) => Regex.IsMatch(help, $@"(?<![\w-]){Regex.Escape(flag)}(?![\w-])", RegexOptions.CultureInvariant);

    /// <summary>A program on a far host may have been replaced; it is asked again every ten minutes.</summary>
    private static DateTime Lately() => new(DateTime.UtcNow.Ticks / TimeSpan.FromMinutes(10).Ticks, DateTimeKind.Utc);

    /// <summary>The last change of the program, after following links; null for a missing program.</summary>
    private static DateTime FileTime(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return (file.ResolveLinkTarget(returnFinalTarget: true) ?? file).LastWriteTimeUtc;
        }
        catch (IOException)
        {
            return default;
        }
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?(-[\w.]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex VersionNumber();
}
