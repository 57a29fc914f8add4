using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class PromptContentTests
{
    [Theory]
    [InlineData("/usage")]
    [InlineData("  /quit now")]
    [InlineData("\t/")]
    public async Task A_prompt_that_begins_with_a_slash_is_text(string prompt)
    {
        await using var pool = new SimulatedPool();
        PromptResult result = await pool.AskAsync(prompt);

        Assert.Equal(prompt, result.Prompt);
        Assert.Equal("You said: \u2060" + prompt, result.Text);
        Assert.Equal(["\u2060" + prompt], pool.Agent.Prompts);
    }

    [Theory]
    [InlineData("$(touch x); `id` | cat > /tmp/x && 'a' \"b\" \\ %PATH% !h {0}")]
    [InlineData("-p --trust-all-tools\n--\r\nsecond line")]
    [InlineData("\u0001\u001b[31m \u2028 ünïcödé 漢字 🙂🏽 \ud83c\udff4")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1}\n{\"method\":\"session/cancel\"}")]
    public async Task A_prompt_arrives_unchanged(string prompt)
    {
        await using var pool = new SimulatedPool();
        Assert.Equal("You said: " + prompt, (await pool.AskAsync(prompt)).Text);
        Assert.Equal([prompt], pool.Agent.Prompts);
    }

    [Fact]
    public async Task A_prompt_of_a_megabyte_arrives_whole()
    {
        string prompt = string.Concat(Enumerable.Range(0, 150_000).Select(i => $"ä{i},"));
        await using var pool = new SimulatedPool();
        Assert.Equal("You said: " + prompt, (await pool.AskAsync(prompt)).Text);
    }

    [Fact]
    public async Task Links_to_files_and_folders_keep_their_names()
    {
        await using var pool = new SimulatedPool();

        // Windows allows no question mark.
        string name = OperatingSystem.IsWindows() ? "50% ä; #1.txt" : "50% ä; #1?.txt";
        string file = pool.Agent.AddFile(name, "12345");
        string folder = Directory.CreateDirectory(Path.Combine(pool.Agent.Folder, "a folder")).FullName;
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest
        {
            Prompt = "look",
            Attachments = [new PromptPart.Link(file), new PromptPart.Link(folder), new PromptPart.Text("and this")],
        });

        Assert.Equal($"You said: look\n\nand this\nLinked: {name} (5 bytes)\nLinked: a folder (directory)", result.Text);
    }

    [Fact]
    public async Task An_agent_runs_in_a_directory_with_metacharacters()
    {
        await using var pool = new SimulatedPool();
        string folder = Directory.CreateDirectory(Path.Combine(pool.Agent.Folder, "a 'b' $(c); ü & %d%" + (OperatingSystem.IsWindows() ? "" : " \"e\""))).FullName;
        await pool.RunAsync(new PromptRequest { Prompt = "hello", Spec = pool.Pool.DefaultSpec.With(workingDirectory: folder) });

        Assert.All(pool.Agent.Of("session/new"), e => Assert.Equal(folder, e.Text));
        Assert.Equal(1, pool.Agent.Count("prompt"));
    }

    [Fact]
    public async Task Credits_and_context_of_the_turn_are_on_the_result()
    {
        await using var pool = new SimulatedPool(new { credits = 0.25, contextPercentPerPrompt = 12.5 });
        for (int i = 0; i < 2; i++)
        {
            PromptResult result = await pool.AskAsync($"{i}");
            Assert.Equal((0.25m, 12.5, "end_turn"), (result.Credits, result.ContextPercent, result.StopReason));
        }
    }

    [Fact]
    public async Task A_refusal_is_an_answer_with_its_stop_reason()
    {
        await using var pool = new SimulatedPool();
        PromptResult result = await pool.AskAsync("[[refuse]] please");
        Assert.Equal(("Completed", "refusal"), (result.Outcome, result.StopReason));
    }

    [Fact]
    public async Task An_error_quotes_the_agent()
    {
        await using var pool = new SimulatedPool();
        AgentException failure = await pool.FailAsync("[[error the dog ate it]]");
        Assert.Equal(FailureKind.AgentError, failure.Kind);
        Assert.Contains("the dog ate it", failure.Message, StringComparison.Ordinal);

        // The prompt failed, not the agent.
        Assert.True((await pool.AskAsync("next")).Reused);
    }
}
