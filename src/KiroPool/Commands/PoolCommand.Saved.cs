using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Formatting;

namespace KiroPool.Commands;

/// <content>Questions about the conversations that an agent has stored.</content>
public abstract partial class PoolCommand
{
    /// <summary>Asks an agent of the pool for the present directory. Its failure ends the command.</summary>
    private protected void AskAgent(PoolInfo pool, Func<AgentSpec, Task> ask, CancellationToken stopping)
    {
        try
        {
            RefuseToWaitForItself(pool);
            AgentSpec spec = pool.SpecAt(SessionState.UsableDirectory());
            WaitFor(() => ask(spec), pool.Pool.Log, () => PoolWords.ForAgent(pool.Pool.ReadActivity()), stopping);
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
        catch (OperationCanceledException)
        {
            throw new System.Management.Automation.PipelineStoppedException();
        }
    }
}
