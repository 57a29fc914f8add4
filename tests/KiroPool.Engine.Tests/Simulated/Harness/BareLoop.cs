using System.Diagnostics;
using System.Text;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>The floor: the same agent without a pool. A line is written, lines are read until the answer is there.</summary>
internal static class BareLoop
{
    /// <summary>The time of a start and so many prompts, one after the other.</summary>
    public static async Task<TimeSpan> MeasureAsync(object settings, int prompts)
    {
        using var agent = new SimulatedAgent(settings);
        var watch = Stopwatch.StartNew();
        using Process process = Start(agent);
        await SayAsync(process, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}""", 1);
        string directory = System.Text.Json.JsonSerializer.Serialize(agent.Folder);
        string session = await SayAsync(process, $$$"""{"jsonrpc":"2.0","id":2,"method":"session/new","params":{"cwd":{{{directory}}},"mcpServers":[]}}""", 2);
        string id = System.Text.Json.JsonDocument.Parse(session).RootElement.GetProperty("result").GetProperty("sessionId").GetString()!;
        for (int i = 0; i < prompts; i++)
            await SayAsync(process, $$$"""{"jsonrpc":"2.0","id":{{{3 + i}}},"method":"session/prompt","params":{"sessionId":"{{{id}}}","prompt":[{"type":"text","text":"{{{i}}}"}]}}""", 3 + i);
        TimeSpan took = watch.Elapsed;

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return took;
    }

    private static Process Start(SimulatedAgent agent)
    {
        var info = new ProcessStartInfo(agent.Spec.Executable, agent.Spec.Arguments)
        {
            WorkingDirectory = agent.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach ((string name, string? value) in agent.Spec.Environment)
            info.Environment[name] = value;
        return Process.Start(info)!;
    }

    private static async Task<string> SayAsync(Process process, string line, int id)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
        string start = $$"""{"jsonrpc":"2.0","id":{{id}},""";
        while (await process.StandardOutput.ReadLineAsync() is { } answer)
        {
            if (answer.StartsWith(start, StringComparison.Ordinal))
                return answer;
        }

        throw new InvalidOperationException("The agent ended.");
    }
}
