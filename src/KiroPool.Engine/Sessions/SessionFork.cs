using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Sessions;

/// <summary>A copy of a conversation for one prompt. It keeps the agent of the conversation leased until its own turn has ended.</summary>
internal sealed class SessionFork(string name, IAgentSession session) : IResident
{
    // An agent that died while it was idle has copied nothing. Another one is tried.
    private const int MaxTries = 3;

    public string Name { get; } = name;

    public Task<bool> SettleAsync() => session.SettleAsync();

    /// <summary>Copies a conversation between two of its turns. Its agent is started, and the conversation resumed, if that is needed.</summary>
    /// <param name="talk">The conversation.</param>
    /// <param name="dispatcher">The agents.</param>
    /// <param name="time">The clock.</param>
    /// <param name="rules">How long to wait for an agent; null for the rules of the pool.</param>
    /// <param name="cancellationToken">Abandons the attempt. The conversation does not change.</param>
    /// <exception cref="AgentException">NotSupported, or the reason why the conversation has no agent. Nothing was sent.</exception>
    public static async Task<SeatedTurn> MakeAsync(Conversation talk, AgentDispatcher dispatcher, TimeProvider time, WaitRules? rules, CancellationToken cancellationToken)
    {
        await talk.Line.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (int tries = 1; ; tries++)
            {
                try
                {
                    return await CopyAsync(talk, dispatcher, time, rules, cancellationToken).ConfigureAwait(false);
                }
                catch (AgentException e) when (e.Kind == FailureKind.AgentDied && tries < MaxTries)
                {
                    // The next attempt resumes the conversation in another process.
                }
            }
        }
        finally
        {
            talk.Line.Leave();
        }
    }

    private static async Task<SeatedTurn> CopyAsync(Conversation talk, AgentDispatcher dispatcher, TimeProvider time, WaitRules? rules, CancellationToken cancellationToken)
    {
        SeatedTurn own = await talk.Seat.TakeAsync(allowNew: false, cancellationToken, rules).ConfigureAwait(false);
        using PromptLoan loan = own.Loan;
        long askedAt = time.GetTimestamp();
        IAgentSession copy = await loan.Lease.Connection.ForkSessionAsync(loan.Session.Id, cancellationToken).ConfigureAwait(false);
        AgentLease? lease = dispatcher.TryBeginTurn(loan.Lease.Agent, talk.Seat, new SessionFork(talk.Name, copy));
        if (lease is null)
        {
            copy.Close();
            throw new AgentException(FailureKind.AgentDied, "The agent of the conversation ended while it was forked.");
        }

        return own with { Loan = new PromptLoan(lease, copy, keep: false), SessionWait = own.SessionWait + time.GetElapsedTime(askedAt) };
    }
}
