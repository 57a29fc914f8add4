using System.Globalization;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.TestHost;

/// <summary>One prompt on a pool of its own, with limits of its own.</summary>
internal static class Question
{
    /// <summary>Asks, and says what came of it in a line: the outcome, the failure's kind, how many turns the pool cancelled or lost, and the text.</summary>
    /// <param name="spec">The agent.</param>
    /// <param name="words">Limits in seconds (name=number), a bar, and the prompt.</param>
    public static async Task<string> AskAsync(AgentSpec spec, string words)
    {
        string[] parts = words.Split('|', 2);
        Dictionary<string, double> limits = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Split('='))
            .ToDictionary(word => word[0], word => double.Parse(word[1], CultureInfo.InvariantCulture));
        var options = new PoolOptions
        {
            MinSize = 0,
            MaxSize = 1,
            StartTimeout = Seconds("start", 60),
            SessionTimeout = Seconds("session", 60),
            CancelGrace = Seconds("grace", 10),
        };
        await using var pool = new AgentPool(options, spec);
        TimeSpan handling = Seconds("handling", 0);
        var request = new PromptRequest
        {
            Prompt = parts[1].Trim(),
            Timeout = Seconds("timeout", 0),
            InactivityTimeout = Seconds("inactivity", 0),
            RetryCount = (int)Seconds("retry", 0).TotalSeconds,
            Permissions = new PermissionPolicy
            {
                HandlerTimeout = Seconds("handler", 60),
                Handler = async (_, cancelled) =>
                {
                    await Task.Delay(handling, cancelled);
                    return PermissionDecision.Allow;
                },
            },
        };
        if (limits.ContainsKey("warm"))
            await pool.PromptAsync(new PromptRequest { Prompt = "warm up" });
        try
        {
            PromptResult result = await pool.PromptAsync(request);
            string tools = string.Join(",", result.ToolCalls.Select(call => $"{call.Permission} by {call.DecidedBy}"));
            return $"{result.Outcome} [{tools}] {result.Text.ReplaceLineEndings(" ")}";
        }
        catch (PromptFailedException e)
        {
            // Whether its agent came through is seen when another prompt is served.
            if (limits.ContainsKey("again"))
                await pool.PromptAsync(new PromptRequest { Prompt = "again" });
            return $"{e.Result.Outcome} {e.Kind} {pool.GetStatistics().ProcessesCreated} {e.Message.ReplaceLineEndings(" ")}";
        }

        TimeSpan Seconds(string name, double usual) => TimeSpan.FromSeconds(limits.GetValueOrDefault(name, usual));
    }
}
