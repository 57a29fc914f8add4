using System.Globalization;
using System.Text.RegularExpressions;

namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>Checks that every time limit in a cell ended on time: within max(10 %, 100 ms).</summary>
internal sealed partial class CellTimes(SimulatedPool pool, CellScript script, MachineLateness lateness)
{
    // The delay between the pool's begin and the agent's log entry, if only the log has the time.
    private static readonly TimeSpan LogLater = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyList<AgentEvent> _events = pool.Agent.Events;

    public void AssertKept(IEnumerable<CellOutcome> outcomes)
    {
        foreach (CellOutcome outcome in outcomes)
        {
            if (outcome.Failure?.Kind == FailureKind.PromptTimedOut)
                lateness.AssertKept(outcome.Prompt.Timeout, outcome.Result.Duration, $"'{outcome.Prompt.Text}'");
            else if (outcome.Failure?.Kind == FailureKind.AgentSilent && !script.IsStubborn && outcome.Prompt.RetryCount == 0)
                lateness.AssertKept(script.Options.InactivityTimeout, outcome.EndedAt - LastHeard(outcome), $"the silence at '{outcome.Prompt.Text}'", LogLater);
        }

        // A wrapper's process id is not the one that its agent logs.
        if (!script.IsStubborn)
            AssertAgentsGivenUpInTime();
    }

    private void AssertAgentsGivenUpInTime()
    {
        foreach ((DateTime time, string text) in pool.Log)
        {
            if (GivenUp().Match(text) is not { Success: true } match)
                continue;
            int id = int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture);
            string step = match.Groups["step"].Value;
            (string begin, TimeSpan limit, TimeSpan later) = step switch
            {
                // The program must be loaded before it can log its begin.
                "initialize" => ("start", script.Options.StartTimeout, TimeSpan.FromSeconds(1)),
                // The first session ends the start. A later one is cancelled, and the agent has the grace to confirm that.
                "session/new" => ("session/new", script.Options.SessionTimeout + (Sessions(id, time) > 1 ? script.Options.CancelGrace : TimeSpan.Zero), LogLater),
                _ => ("cancel", script.Options.CancelGrace, LogLater),
            };
            lateness.AssertKept(limit, time - _events.Last(e => e.Event == begin && e.Pid == id && e.Time < time).Time, $"{begin} of agent {id}", later);
        }
    }

    private int Sessions(int id, DateTime until) => _events.Count(e => e.Event == "session/new" && e.Pid == id && e.Time < until);

    /// <summary>When the agent of a prompt was last asked something; it answers other requests than the prompt at once.</summary>
    private DateTime LastHeard(CellOutcome outcome) =>
        _events.Last(e => e.Pid == outcome.Result.ProcessId && IsHeard(e, outcome) && e.Time < outcome.EndedAt).Time;

    // A quick agent logs the close that follows the silence before the caller has the outcome.
    private static bool IsHeard(AgentEvent e, CellOutcome outcome) =>
        e.Event is "prompt" or "session/new" || (e.Event == "close" && e.SessionId != outcome.Result.SessionId);

    [GeneratedRegex(@"^agent (?<id>\d+): serves no more prompts: (The agent did not answer (?<step>\S+) within|it did not end a cancelled turn)")]
    private static partial Regex GivenUp();
}
