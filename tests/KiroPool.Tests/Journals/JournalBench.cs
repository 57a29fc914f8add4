using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>A warm pool in a runspace whose variable $Journal has the path of a journal.</summary>
internal sealed class JournalBench : IDisposable
{
    public JournalBench()
    {
        Journal = Path.Combine(Agent.Folder, "batch.jsonl");
        Module = new ModuleRunspace(Agent).Set("Journal", Journal);
        Module.StartWarm(2);
    }

    public SimulatedAgent Agent { get; } = new();

    public ModuleRunspace Module { get; }

    public string Journal { get; }

    /// <summary>Runs a script whose batch is refused before any prompt is sent.</summary>
    public ErrorRecord Refused(string id, ErrorCategory category, string script)
    {
        int before = Agent.Prompts.Count;
        ErrorRecord error = Module.Run(script).Error;
        Assert.Equal($"{id},KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal((category, Journal), (error.CategoryInfo.Category, error.TargetObject));
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(before, Agent.Prompts.Count);
        return error;
    }

    public void Dispose()
    {
        Module.Dispose();
        Agent.Dispose();
    }
}
