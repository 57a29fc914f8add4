namespace KiroPool.Engine.Agents;

/// <summary>Makes connections to agents of one protocol.</summary>
internal interface IAgentConnector
{
    /// <summary>A connection to a new agent. Nothing is started before <see cref="IAgentConnection.OpenAsync"/>.</summary>
    IAgentConnection Create(AgentSpec spec);
}

/// <summary>One agent process and the talk with it. One prompt at a time uses it; the pool sees to that.</summary>
internal interface IAgentConnection : IAgentVitals
{
    /// <summary>The agents and models the process has to offer, as far as it has told; null until then.</summary>
    AgentOffer? Offer => null;

    /// <summary>The process, once it has been started.</summary>
    int? ProcessId { get; }

    /// <summary>Completes when no further prompt can be served: the process ended, its pipe broke, or it broke its word.</summary>
    Task Closed { get; }

    bool IAgentVitals.IsClosed => Closed.IsCompleted;

    /// <summary>Starts the process and makes it warm. After a failure <see cref="StopAsync"/> is still due.</summary>
    /// <exception cref="AgentException">It did not become ready.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Hands out a fresh conversation: the prepared one, or one that is made now.</summary>
    /// <exception cref="AgentException">The agent gave none. No prompt has reached it.</exception>
    ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken);

    /// <summary>Whether conversations that may be taken up again live here: its process gets a longer grace to put them away.</summary>
    bool HoldsConversations
    {
        get => false;
        set { }
    }

    /// <summary>Takes up a conversation that an earlier process held. When it is cancelled or fails the process serves no more.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="hasHistory">Something was said in it, so an empty one is another one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AgentException">SessionLost or SessionLocked: it cannot be had. Others: it was not tried to an end.</exception>
    Task<IAgentSession> LoadSessionAsync(string id, bool hasHistory, CancellationToken cancellationToken) =>
        throw new AgentException(FailureKind.SessionLost, "The agent cannot take up earlier conversations.");

    /// <summary>Waits for the end of the turn that runs, a cancelled one for its grace. False: do not lend this agent again.</summary>
    Task<bool> SettleAsync();

    /// <summary>Ends the process and all it started; completes when nothing is left. May be called again, to hurry.</summary>
    Task StopAsync(bool force);

    /// <summary>Resident memory in bytes, if it can be told.</summary>
    long? ReadMemoryBytes();
}

/// <summary>One conversation with an agent.</summary>
internal interface IAgentSession
{
    /// <summary>The agent's name for it; empty where conversations have none.</summary>
    string Id { get; }

    /// <summary>The agent (mode) in force, as far as the process tells.</summary>
    string? Agent { get; }

    /// <summary>The model in force, as far as the process tells.</summary>
    string? Model { get; }

    /// <summary>Whether the process itself confirmed <see cref="Model"/>.</summary>
    bool ModelVerified { get; }

    /// <summary>Runs one turn. Everything that can happen to a turn is in the result; this does not throw for it.</summary>
    ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken);

    /// <summary>Waits for the end of this session's turn, a cancelled one for its grace. False: the agent did not end it.</summary>
    Task<bool> SettleAsync();

    /// <summary>Gives the conversation up, in the background.</summary>
    void Close();
}
