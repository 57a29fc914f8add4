namespace KiroPool;

/// <summary>The protocol between a pool and its agents.</summary>
public enum AgentProtocol
{
    /// <summary>The Agent Client Protocol: many prompts and conversations per process, streaming, cancel, permissions.</summary>
    Acp,

    /// <summary>One process per prompt: the prompt on stdin, the answer on stdout, and the exit code as the end of the turn.</summary>
    Chat,

    /// <summary>One process per conversation; messages and responses end with delimiters.</summary>
    Delimited,
}
