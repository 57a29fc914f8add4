using System.Collections;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>A cmdlet that lists what an agent program offers: the pool's program, or a named one.</summary>
public abstract class InquiryCommand : PoolCommand
{
    private protected InquiryCommand()
    {
    }

    /// <summary>The agent program. Default: the pool's, or kiro-cli without a pool.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>The directory to search. Default: the one that the pool was started with, else the present location.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DirectoryCompleter))]
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables for the program, in addition to the host's.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Environment { get; set; }

    private protected static bool IsWanted(string name, string[] patterns) => patterns.Any(one => NamePattern.Of(one).IsMatch(name));

    /// <summary>The pool whose program is asked; null if another one is named.</summary>
    private protected PoolInfo? AskedPool => FilePath is null && Environment is null ? PoolInUse : null;

    /// <summary>The program to ask. Starts no pool.</summary>
    private protected AgentSpec ReadSpec()
    {
        try
        {
            return AskedPool is { } pool
                ? pool.SpecAt(pool.FollowsLocation ? SessionState.UsableDirectory() : "").With(workingDirectory: WorkingDirectory is null ? null : SessionState.ResolveDirectory(WorkingDirectory, pool.Options.Hosts.HasFar))
                : SpecReader.Read(SessionState, FilePath, null, WorkingDirectory, environment: Environment);
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
