using System.Diagnostics;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.TestHost;

/// <summary>
/// A process with pools, for tests that end it in every way a host can end. It reads one command per line on stdin and
/// answers each with a line. Its arguments are the program and directory of the agent.
/// </summary>
internal static class Program
{
    private static readonly List<AgentPool> Pools = [];

    public static async Task Main(string[] arguments)
    {
        var spec = new AgentSpec { Executable = arguments[0], Arguments = ["acp"], WorkingDirectory = arguments[1] };
        while (await Console.In.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "start":
                    Say(await StartAsync(spec, int.Parse(words[1], null)));
                    break;
                case "stop":
                    await Pools[0].StopAsync(PoolStopMode.Cancel);
                    Pools.RemoveAt(0);
                    Say("stopped");
                    break;
                case "ask":
                    _ = Task.Run(async () => Say(await Question.AskAsync(spec, line["ask ".Length..])));
                    break;
                case "handles":
                    Say($"{Handles.TakeAll()}");
                    break;
                case "bystander":
                    Say($"{StartBystander()}");
                    break;
                case "return":
                    return;
                case "throw":
                    throw new InvalidOperationException("A host that crashes.");
            }
        }
    }

    /// <summary>A pool whose agents are all busy with endless turns.</summary>
    private static async Task<string> StartAsync(AgentSpec spec, int agents)
    {
        var pool = new AgentPool(new PoolOptions { MinSize = 0, MaxSize = agents, MaxStarting = agents }, spec);
        Pools.Add(pool);
        var busy = new CountdownEvent(agents);
        string longAnswer = new('.', 6000);
        for (int i = 0; i < agents; i++)
        {
            int told = 0;
            _ = pool.PromptAsync(new PromptRequest
            {
                Prompt = $"[[sleep 600000]] [[chunks 6000]] {i} {longAnswer}",
                OnUpdate = _ =>
                {
                    if (Interlocked.Exchange(ref told, 1) == 0)
                        busy.Signal();
                },
            });
        }

        await Task.Run(busy.Wait);
        return "started";
    }

    /// <summary>A child that belongs to no pool. It must not keep the guardian's pipe open.</summary>
    private static int StartBystander()
    {
        ProcessStartInfo sleep = OperatingSystem.IsWindows() ? new("ping", ["-n", "120", "127.0.0.1"]) : new("/bin/sleep", ["120"]);
        sleep.RedirectStandardInput = sleep.RedirectStandardOutput = true;
        using Process process = Process.Start(sleep)!;
        return process.Id;
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
