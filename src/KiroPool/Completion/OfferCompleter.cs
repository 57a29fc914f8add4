using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KiroPool.Engine.Pooling;

namespace KiroPool.Completion;

/// <summary>Completes the names of models: those of the pool that runs.</summary>
internal sealed class ModelCompleter : OfferCompleter
{
    private protected override IReadOnlyList<string> Select(AgentOffer offer) => offer.Models;
}

/// <summary>Completes the names of agents: those of the pool that runs.</summary>
internal sealed class AgentCompleter : OfferCompleter
{
    private protected override IReadOnlyList<string> Select(AgentOffer offer) => offer.Agents;
}

/// <summary>Completes what agents have to offer. Looks at what is known already; never throws and never waits.</summary>
internal abstract class OfferCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Completions.PoolOf(fakeBoundParameters) is not { } pool ? [] : Completions.Matching(Select(pool.Pool.ReadOffer()), wordToComplete);
        }
        catch (Exception)
        {
            // Somebody presses Tab: nothing to offer is the worst that may happen.
            return [];
        }
    }

    private protected abstract IReadOnlyList<string> Select(AgentOffer offer);
}
