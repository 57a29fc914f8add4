using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;

namespace KiroPool.Benchmarks.Topics;

/// <summary>The import and the first prompt, each in a new process.</summary>
internal sealed class Starts : Benchmark
{
    public override string Name => "starts";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        using var empty = new EmptyModule();
        double[][] imports = await Rounds.RunAsync(
            effort.Rounds,
            () => RunAsync(HostPrograms.Import, empty.Path),
            () => RunAsync(HostPrograms.Import, Repository.Manifest));
        Table import = section.AddTable("Import-Module in a fresh process with the embedded PowerShell engine", "module", "takes");
        import.Add("an empty binary module", Spread.Of(imports[0]).In("ms", "0"));
        import.Add("KiroPool", Spread.Of(imports[1]).In("ms", "0"));
        import.Add("KiroPool over the empty one", Rounds.Difference(imports[1], imports[0]).In("ms", "0"));

        Table first = section.AddTable("The first prompt of a fresh process: guardian, agent, handshake, session, turn", "agent", "bare loop", "engine", "engine over bare loop");
        foreach ((string name, AgentProgram agent) in ((string, AgentProgram)[])[("instant agent", AgentProgram.Instant), ("simulator", AgentProgram.Simulator())])
        {
            double[][] prompts = await Rounds.RunAsync(
                effort.Rounds,
                () => RunAsync(HostPrograms.FirstPromptBare, agent.ToArguments()),
                () => RunAsync(HostPrograms.FirstPrompt, agent.ToArguments()));
            first.Add(name, Spread.Of(prompts[0]).In("ms", "0"), Spread.Of(prompts[1]).In("ms", "0"), Rounds.Difference(prompts[1], prompts[0]).In("ms", "0"));
        }

        return section;
    }

    private static async Task<double> RunAsync(string host, params string[] arguments) => (await HostProcess.RunAsync(host, arguments))["ms"];
}
