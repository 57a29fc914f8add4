using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>
/// The output and exit code of a chat process, and the outcome that follows. Exit code 0 is not sufficient: kiro-cli
/// ends with it when it is throttled and when its key has expired. A prompt without an answer has not succeeded.
/// </summary>
internal sealed record ChatEnd(AgentSpec Spec, int ExitCode, string Text, string RawText, string ErrorText, bool PromptWasTaken, IReadOnlyList<string> Arguments)
{
    private const int WrongArguments = 2;
    private const int NoMcpServers = 3;
    public const int NoSuchAgent = 4;

    // The exit code of a panic in a Rust program such as kiro-cli.
    private const int Panic = 101;

    private bool IsKiro => KiroCliLocator.IsKiroCli(Spec.Executable);

    /// <summary>Whether it ended by a signal (128 plus its number), a panic, or a Windows exception (negative).</summary>
    public bool IsCrash => ExitCode is > 128 or < 0 or Panic;

    public TurnResult Judge()
    {
        KiroFooter? footer = KiroFooter.Find(ErrorText);
        (PromptOutcome outcome, AgentException? failure) = Decide(footer);
        bool neverBegan = IsKiro && ExitCode is (WrongArguments or NoMcpServers or NoSuchAgent);
        return new TurnResult
        {
            Outcome = outcome,
            Failure = failure,
            MayHaveBeenSeen = PromptWasTaken || !IsCrash,

            // With trusted tools, the agent may have acted even if stdout is empty.
            HasLeftTraces = Text.Length > 0 || footer is not null || (!neverBegan && (Spec.Text.TrustAllTools || Spec.Text.TrustTools.Length > 0)),
            Text = Text,
            RawText = RawText,
            ErrorText = ErrorText,
            ExitCode = ExitCode,
            StopReason = outcome == PromptOutcome.Completed ? "end_turn" : null,
            Meter = new TurnMeter { Credits = footer?.Credits, AgentTime = footer?.Time },
        };
    }

    /// <summary>The result for a process that was ended for a violation.</summary>
    public TurnResult Refuse(string why) =>
        Refuse(new AgentException(FailureKind.ProtocolViolation, $"The agent was ended. {why}")) with { HasLeftTraces = true };

    /// <summary>The result for a process whose failure is already known.</summary>
    public TurnResult Refuse(AgentException failure) => new()
    {
        Outcome = PromptOutcome.Failed,
        Failure = failure,
        HasLeftTraces = Text.Length > 0,
        ExitCode = ExitCode,
        Text = Text,
        RawText = RawText,
        ErrorText = ErrorText,
    };

    private (PromptOutcome Outcome, AgentException? Failure) Decide(KiroFooter? footer)
    {
        if (IsCrash)
        {
            string what = PromptWasTaken ? "before it answered, so its work is unknown" : "before it had read the prompt";
            return (PromptWasTaken ? PromptOutcome.Indeterminate : PromptOutcome.Failed, Fail(FailureKind.AgentDied, $"ended {what}"));
        }

        // This applies even with an answer: it came from another agent or model than requested.
        if (KnownFailure.OfName(ErrorText, Spec) is { } name)
            return Failed(name, name == FailureKind.ModelNotFound ? $"has no model '{Spec.Model}'" : $"has no agent '{Spec.Agent}'", name == FailureKind.ModelNotFound ? Spec.Model : Spec.Agent);
        if (ExitCode != 0)
            return DecideOnCode();

        // kiro-cli may write some text before it is throttled or signed out. Other programs have no known texts.
        FailureKind? account = KnownFailure.OfAccount(ErrorText);
        if (account is { } kind && footer is null && (IsKiro || Text.Length == 0))
            return Failed(kind, OfAccount(kind));
        return Text.Length > 0 ? (PromptOutcome.Completed, null) : Failed(FailureKind.AgentError, "ended without an answer");
    }

    private (PromptOutcome Outcome, AgentException? Failure) DecideOnCode()
    {
        if (IsKiro && ExitCode == NoSuchAgent)
            return Failed(FailureKind.AgentNotFound, $"has no agent '{Spec.Agent ?? "default"}'", Spec.Agent);
        if (IsKiro && ExitCode == WrongArguments)
            return Failed(FailureKind.AgentStartFailed, "refused its arguments; its version may be too old or too new" + Advice);
        if (IsKiro && ExitCode == NoMcpServers)
            return Failed(FailureKind.AgentStartFailed, "could not start its MCP servers");
        return KnownFailure.OfAccount(ErrorText) is { } kind ? Failed(kind, OfAccount(kind)) : Failed(FailureKind.AgentError, "failed");
    }

    private string Advice => KiroCommandLine.Advise(Spec, Arguments, ExitCode) is { } advice ? ". " + advice : "";

    private static string OfAccount(FailureKind kind) => kind switch
    {
        FailureKind.RateLimited => "is throttled",
        FailureKind.QuotaExceeded => "has used up the quota of its account",
        _ => "is not signed in",
    };

    private (PromptOutcome Outcome, AgentException? Failure) Failed(FailureKind kind, string what, object? value = null) =>
        (PromptOutcome.Failed, Fail(kind, what, value));

    private AgentException Fail(FailureKind kind, string what, object? value = null) =>
        new(kind, $"The agent {what} (exit code {ExitCode}). {StderrTail.Quote(ErrorText)}") { Value = value, Advice = IsKiro && kind == FailureKind.SignInRequired ? KiroSignIn.Advice : null };
}
