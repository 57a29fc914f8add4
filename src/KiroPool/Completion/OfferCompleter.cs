using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Language;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Completion;

/// <summary>Completes the names of models, from the running pool or kiro-cli.</summary>
internal sealed class ModelCompleter : OfferCompleter
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<object, Task<IReadOnlyList<KiroModel>>> Lists = new();

    private protected override IReadOnlyList<string> Select(AgentOffer offer) => offer.Models;

    /// <summary>The answers per program. A slow answer is used the next time.</summary>
    private protected override IReadOnlyList<string> Ask(AgentSpec spec) => Read(spec.Executable, () => KiroModelList.ReadAsync(spec, Longest), Limit);

    private protected override IReadOnlyList<string> AskFar(AgentPool pool) => Read(pool.Options.Hosts, () => pool.ReadModelsAsync(pool.DefaultSpec, Longest), Limit);

    /// <summary>The names from a source, which is asked once until it fails; none if it does not answer within the limit.</summary>
    internal static IReadOnlyList<string> Read(object source, Func<Task<IReadOnlyList<KiroModel>>> ask, TimeSpan limit)
    {
        Task<IReadOnlyList<KiroModel>> list = Lists.GetOrAdd(source, _ => ask());
        try
        {
            return list.Wait(limit) ? [.. list.Result.Select(model => model.Id)] : [];
        }
        finally
        {
            // A failure may have passed by the next Tab, also one that comes after this Tab's wait.
            if (!list.IsCompletedSuccessfully)
                _ = list.ContinueWith(failed => Lists.TryRemove(KeyValuePair.Create(source, failed)), CancellationToken.None, TaskContinuationOptions.NotOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}

/// <summary>Completes the names of agents, from the running pool or kiro-cli.</summary>
internal sealed class AgentCompleter : OfferCompleter
{
    private protected override IReadOnlyList<string> Select(AgentOffer offer) => offer.Agents;

    private protected override IReadOnlyList<string> Ask(AgentSpec spec) => [.. KiroAgentList.Read(spec).Select(agent => agent.Name)];

    /// <summary>Without the files of the host, which are not read.</summary>
    private protected override IReadOnlyList<string> AskFar(AgentPool pool) => [.. KiroAgentList.BuiltIn(pool.ReadEngine() ?? pool.DefaultSpec.Engine).Select(agent => agent.Name)];
}

/// <summary>Completes names that agents offer. Never throws, and waits once for at most three seconds.</summary>
internal abstract class OfferCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            AgentPool? pool = Completions.PoolOf(fakeBoundParameters)?.Pool;
            IReadOnlyList<string> names = pool is null ? [] : Select(pool.ReadOffer());
            return Completions.Matching(names.Count > 0 ? names : Known(fakeBoundParameters, pool), wordToComplete);
        }
        catch (Exception)
        {
            // After Tab, a failure must only mean no completions.
            return [];
        }
    }

    private protected abstract IReadOnlyList<string> Select(AgentOffer offer);

    /// <summary>The names that kiro-cli itself reports, without a pool.</summary>
    private protected abstract IReadOnlyList<string> Ask(AgentSpec spec);

    /// <summary>The names that kiro-cli on a host of a pool reports.</summary>
    private protected abstract IReadOnlyList<string> AskFar(AgentPool pool);

    private static KiroEngine? EngineOf(IDictionary boundParameters) =>
        boundParameters["Engine"] is { } named && Enum.TryParse(named.ToString(), ignoreCase: true, out KiroEngine engine) ? engine : null;

    private IReadOnlyList<string> Known(IDictionary boundParameters, AgentPool? pool)
    {
        if (boundParameters["FilePath"] is null && pool is { Options.Hosts.HasFar: true })
            return pool.IsStopped || !KiroCliLocator.IsKiroCli(pool.DefaultSpec.Executable) ? [] : AskFar(pool);
        string program = KiroCliLocator.Locate(boundParameters["FilePath"] as string, Environment.CurrentDirectory);
        return KiroCliLocator.IsKiroCli(program)
            ? Ask(new AgentSpec { Executable = program, WorkingDirectory = Environment.CurrentDirectory, UsesKiroCommandLine = true, Engine = EngineOf(boundParameters) ?? pool?.ReadEngine() ?? pool?.DefaultSpec.Engine })
            : [];
    }
}
