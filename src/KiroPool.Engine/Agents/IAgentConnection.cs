namespace KiroPool.Engine.Agents;

/// <summary>Creates connections to agents.</summary>
internal interface IAgentConnector
{
    /// <summary>Creates a connection to a new agent. <see cref="IAgentConnection.OpenAsync"/> starts its process.</summary>
    /// <exception cref="AgentException">The program is missing.</exception>
    IAgentConnection Create(AgentSpec spec, AgentHost host);

    /// <summary>The link to a far host; null before the first agent there, and for this machine.</summary>
    LinkState? ReadLink(AgentHost host) => null;

    /// <summary>Ends what served all agents of the pool, when none of them is left.</summary>
    Task CloseAsync() => Task.CompletedTask;
}

/// <summary>The link to a far host, at one moment.</summary>
/// <param name="IsLost">Whether it was up and is not any more.</param>
/// <param name="WhyLost">Why, as the end of a sentence about the link.</param>
/// <param name="RoundTrip">From a beat to its echo; null before the first one.</param>
internal readonly record struct LinkState(bool IsLost, string WhyLost, TimeSpan? RoundTrip);

/// <summary>One agent process and the talk with it. One prompt at a time uses it; the pool sees to that.</summary>
internal interface IAgentConnection : IAgentVitals
{
    /// <summary>The agents and models that the process has reported; null until then.</summary>
    AgentOffer? Offer => null;

    /// <summary>The engine of kiro-cli that the process has reported; null until then, and for other agents.</summary>
    KiroEngine? Engine => null;

    /// <summary>The process, after its start.</summary>
    int? ProcessId { get; }

    /// <summary>Completes when no further prompt can be served: the process ended, its pipe broke, or it violated the protocol.</summary>
    Task Closed { get; }

    bool IAgentVitals.IsClosed => Closed.IsCompleted;

    /// <summary>Whether the agent accepts the JSON Schema of the answer with a prompt. Known when it is warm.</summary>
    bool TakesOutputSchema => false;

    /// <summary>Whether the agent may report the use of its account's quota. Known when it is warm.</summary>
    bool ReportsUsage => false;

    /// <summary>Asks for the use of the account's quota.</summary>
    /// <returns>Null if the agent does not report it.</returns>
    /// <exception cref="AgentException">The agent failed to answer.</exception>
    Task<AccountUsage?> ReadUsageAsync(CancellationToken cancellationToken) => Task.FromResult<AccountUsage?>(null);

    /// <summary>Starts the process and makes it warm. Call <see cref="StopAsync"/> even after a failure.</summary>
    /// <exception cref="AgentException">The process did not become ready.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Returns a new conversation: the prepared one, or one created now.</summary>
    /// <exception cref="AgentException">The agent created none. No prompt has reached it.</exception>
    ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken);

    /// <summary>Resumes a conversation of an earlier process. After a cancel or a failure the process serves no more prompts.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="hasHistory">Whether the conversation has turns. An empty replay then means that it is lost.</param>
    /// <param name="cancellationToken">Abandons the attempt.</param>
    /// <exception cref="AgentException">SessionLost or SessionLocked: it cannot be resumed. Others: the attempt did not finish.</exception>
    Task<IAgentSession> LoadSessionAsync(string id, bool hasHistory, CancellationToken cancellationToken) =>
        throw new AgentException(FailureKind.SessionLost, "The agent cannot resume conversations.");

    /// <summary>The conversations of the working directory that the agent has stored, as it orders them.</summary>
    /// <exception cref="AgentException">NotSupported: the agent does not list them. Others: it failed to.</exception>
    Task<IReadOnlyList<SavedSession>> ListSavedAsync(CancellationToken cancellationToken) =>
        throw new AgentException(FailureKind.NotSupported, "The protocol has no list of stored conversations. Use the protocol Acp.");

    /// <summary>Deletes a conversation that the agent has stored.</summary>
    /// <exception cref="AgentException">NotSupported: the agent does not delete them. Others: it failed to.</exception>
    Task DeleteSavedAsync(string id, CancellationToken cancellationToken) =>
        throw new AgentException(FailureKind.NotSupported, "The protocol has no stored conversations. Use the protocol Acp.");

    /// <summary>Makes a copy of a conversation of this process. The conversation itself does not change.</summary>
    /// <param name="id">The id of the conversation.</param>
    /// <param name="cancellationToken">Abandons the attempt.</param>
    /// <exception cref="AgentException">NotSupported: the agent cannot do that. Others: the attempt did not finish.</exception>
    Task<IAgentSession> ForkSessionAsync(string id, CancellationToken cancellationToken) =>
        throw new AgentException(FailureKind.NotSupported, "The protocol has no forks of conversations. Use the protocol Acp.");

    /// <summary>Waits for the end of the running turn, and for a cancelled one within its grace. After false, do not lease this agent again.</summary>
    Task<bool> SettleAsync();

    /// <summary>Ends the process and the processes it started, and completes when none is left. A second call can hurry it.</summary>
    Task StopAsync(bool force);

    /// <summary>Resident memory in bytes, if it is known.</summary>
    long? ReadMemoryBytes();
}

/// <summary>One conversation with an agent.</summary>
internal interface IAgentSession
{
    /// <summary>The agent's id of the conversation; empty if it has none.</summary>
    string Id { get; }

    /// <summary>The agent (mode) in force, if the process reports it.</summary>
    string? Agent { get; }

    /// <summary>The model in force, if the process reports it.</summary>
    string? Model { get; }

    /// <summary>Whether the process itself confirmed <see cref="Model"/>.</summary>
    bool ModelVerified { get; }

    /// <summary>The slash commands that the agent offers in it, without the slash.</summary>
    IReadOnlyList<string> Commands => [];

    /// <summary>The used share of the context, 0 to 100, as last reported, also between turns; null if this process has not reported it.</summary>
    double? ContextPercent => null;

    /// <summary>Runs one turn. The result contains every failure of a turn; this method does not throw for it.</summary>
    ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken);

    /// <summary>Waits for the end of this session's turn, and for a cancelled one within its grace. Returns false if the agent did not end it.</summary>
    Task<bool> SettleAsync();

    /// <summary>Closes the conversation in the background.</summary>
    void Close();
}
