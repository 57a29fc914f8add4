using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>-RetryIndeterminate and a lost link: the prompt is not repeated while its earlier agent may still run.</summary>
[Long]
public sealed class FencedRetryTests
{
    [Fact]
    public void A_prompt_of_a_lost_link_is_repeated_after_its_agent_has_certainly_ended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The command of the host is one of Linux.");
        using var agent = new SimulatedAgent(new { turnMs = 2000 });
        using var module = new ModuleRunspace(agent);
        string id = Guid.NewGuid().ToString("N");
        module.Set("Journal", Path.Combine(agent.Folder, "journal.jsonl")).Set("Id", id)
            .Run("$null = Start-KiroPool @Agent -HostCommand @{ HostName = 'box'; Command = 'sh', '-c', '\"$@\"; exit $?', $Id } -HostLostSec 3 -MaxSize 1").WithoutError();

        PromptResult lost = LoseDuringPrompt();
        Ran again = module.Run("'a', 'b' | Invoke-KiroPrompt -JournalPath $Journal -Resume -RetryIndeterminate -Verbose -ErrorVariable lost").WithoutError();

        Assert.Equal(["a", "b"], again.Results.Select(result => result.Prompt));
        Assert.Equal(["a", "a", "b"], agent.Prompts.Order());
        DateTime[] sent = [.. agent.Events.Where(e => e is { Event: "prompt", Text: "a" }).Select(e => e.Time.ToUniversalTime())];
        Assert.True(sent[1] >= lost.FencedAt!.Value.UtcDateTime, $"The prompt was repeated at {sent[1]:O}, before {lost.FencedAt:O}.");
        Assert.Contains(again.Verbose, line => line.Contains("until its earlier agent has certainly ended", StringComparison.Ordinal));

        PromptResult LoseDuringPrompt()
        {
            using RunningScript running = module.Begin("'a' | Invoke-KiroPrompt -JournalPath $Journal");
            Eventually.Holds(() => agent.Prompts.Count == 1);
            foreach (int prefix in LiveProcesses.Running("-c", "\"$@\"; exit $?", id))
                LiveProcesses.Kill(prefix);
            PromptResult result = Assert.IsType<PromptFailedException>(running.End().Error.Exception).Result;
            Assert.Equal("Indeterminate", result.Outcome);
            Assert.True(result.FencedAt > DateTimeOffset.UtcNow, "The fence has passed already, so that this test shows nothing.");
            return result;
        }
    }
}
