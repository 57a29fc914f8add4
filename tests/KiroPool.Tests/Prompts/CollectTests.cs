using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>-Collect: the whole input is one prompt.</summary>
public sealed class CollectTests : WarmAgentTests
{
    [Fact]
    public void Collected_input_is_one_prompt()
    {
        FileInfo file = _agent.File("a.txt", "abc");

        PromptResult result = _module.Pipe(["line 1", "", "line 2", file, 3], "Invoke-KiroPrompt 'What is wrong?' -Collect").WithoutError().Result;

        Assert.Equal("You said: What is wrong?\n\nline 1\n\nline 2\n\n3\nLinked: a.txt (3 bytes)", result.Text);
        Assert.Equal(5, Assert.IsType<object[]>(result.GetInput()).Length);
    }

    [Theory]
    [InlineData("'a', '', 'b' | Invoke-KiroPrompt -Collect", "a\n\nb")]
    [InlineData("1..3 | Invoke-KiroPrompt -Prompt { \"n$_\" } -Collect", "n1\nn2\nn3")]
    [InlineData("[pscustomobject]@{ Prompt = 'A' }, [pscustomobject]@{ Prompt = 'B' } | Invoke-KiroPrompt -Collect", "A\nB")]
    [InlineData("Invoke-KiroPrompt 'alone' -Collect", "alone")]
    public void Without_a_prompt_collected_texts_are_the_prompt(string script, string prompt)
    {
        Assert.Equal(prompt, _module.Run(script).WithoutError().Result.Prompt);
    }

    [Fact]
    public void Collect_without_input_gives_no_prompt()
    {
        Assert.Empty(_module.Run("@() | Invoke-KiroPrompt 'What is wrong?' -Collect").WithoutError().Output);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void One_bad_input_fails_the_whole_collected_prompt()
    {
        FileInfo binary = _agent.File("binary.bin", "a\0b");

        Ran ran = _module.Pipe(["text", binary], "Invoke-KiroPrompt 'Review' -Collect -Embed");

        Assert.StartsWith("PromptFileNotText,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void Too_much_collected_input_ends_the_command()
    {
        ErrorRecord error = _module.Run("1..17 | ForEach-Object { 'x' * 1MB } | Invoke-KiroPrompt 'Sum up' -Collect").Error;

        InvokeErrors.ShowsAs(error, "CollectedInputTooLarge", ErrorCategory.LimitsExceeded);
        Assert.Contains("16,777,216", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);
    }
}
