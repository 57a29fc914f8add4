using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes;

/// <summary>Starts agent programs on one host.</summary>
internal interface IAgentStarter
{
    AgentHost Host { get; }

    /// <summary>Whether the host has not answered in time, and may be lost.</summary>
    bool IsLate => false;

    /// <summary>Starts a program. When it returns, the program runs, and nothing was sent to it yet.</summary>
    /// <exception cref="AgentException">It does not run, and no process of it is left.</exception>
    Task<AgentProcess> LaunchAsync(AgentCommand command, CancellationToken cancellationToken);
}

/// <summary>Starts agent programs on this machine.</summary>
internal sealed class LocalStarter : IAgentStarter
{
    public static LocalStarter Instance { get; } = new();

    public AgentHost Host => AgentHost.Local;

    public Task<AgentProcess> LaunchAsync(AgentCommand command, CancellationToken cancellationToken) => AgentLauncher.LaunchAsync(command);
}
