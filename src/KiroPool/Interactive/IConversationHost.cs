namespace KiroPool.Interactive;

/// <summary>The services of the cmdlet for a conversation. All of them run on the pipeline thread.</summary>
internal interface IConversationHost
{
    /// <summary>Cancelled when the pipeline is being stopped.</summary>
    CancellationToken Stopping { get; }

    /// <summary>The present conversation.</summary>
    Session Session { get; }

    /// <summary>A turn ended with an answer.</summary>
    void Completed(PromptResult result);

    /// <summary>A turn ended without one.</summary>
    void Failed(PromptFailedException failure);

    /// <summary>A new conversation with another agent or model, both the same where null.</summary>
    /// <param name="present">The conversation that it replaces.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="model">The model.</param>
    /// <param name="isCancelled">Asked repeatedly during the wait: whether the user has cancelled it.</param>
    /// <exception cref="AgentException">No conversation can start, or the user has cancelled. <see cref="Session"/> is the one that goes on.</exception>
    Session Renew(Session present, string? agent, string? model, Func<bool> isCancelled);

    /// <summary>Records what was said for Start-Transcript.</summary>
    void Record(string text);

    /// <summary>The full path of a file that the user names.</summary>
    /// <exception cref="IOException">It is not in the file system.</exception>
    string ResolveFile(string name);
}
