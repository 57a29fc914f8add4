using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;

namespace KiroPool.Benchmarks;

/// <summary>
/// <c>dotnet run -c Release --project tests/Benchmarks [-- [--quick] [--list] filter…]</c>. The same program also plays
/// the agent and the hosts that it measures, each in a process of its own.
/// </summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case [InstantAgent.Role]:
                InstantAgent.Run();
                return Task.FromResult(0);
            case [HostProcess.Role, string host, .. string[] rest]:
                return HostPrograms.RunAsync(host, rest);
            default:
                return BenchmarkRun.RunAsync(arguments);
        }
    }
}
