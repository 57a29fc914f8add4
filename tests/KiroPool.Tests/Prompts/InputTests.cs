using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>What of the input is a prompt.</summary>
public sealed class InputTests : WarmAgentTests
{
    [Fact]
    public void A_file_alone_is_a_prompt_file()
    {
        FileInfo file = _agent.File("ask.md", "Who are you?\n");

        PromptResult result = _module.Pipe([file], "Invoke-KiroPrompt").WithoutError().Result;

        Assert.Equal("You said: Who are you?\n", result.Text);
        Assert.Equal("Who are you?\n", result.Prompt);
        Assert.Equal(file.FullName, Assert.IsType<FileInfo>(result.GetInput()).FullName);
    }

    [Fact]
    public void The_byte_order_mark_of_a_prompt_file_is_ignored()
    {
        FileInfo file = _agent.File("bom.md", "\uFEFFHello");

        Assert.Equal("Hello", _module.Pipe([file], "Invoke-KiroPrompt").WithoutError().Result.Prompt);
    }

    [Fact]
    public void Strings_follow_the_prompt()
    {
        _module.Run("'good morning', 'good night' | Invoke-KiroPrompt -Prompt 'Translate' -ThrottleLimit 1").WithoutError();

        Assert.Equal(["Translate\n\ngood morning", "Translate\n\ngood night"], _agent.Prompts);
    }

    [Theory]
    [InlineData("42", "42")]
    [InlineData("1.5", "1.5")]
    [InlineData("$true", "True")]
    [InlineData("[DayOfWeek]::Friday", "Friday")]
    public void A_simple_value_is_its_text(string value, string text)
    {
        Assert.Equal(text, _module.Run($"{value} | Invoke-KiroPrompt").WithoutError().Result.Prompt);
    }

    [Fact]
    public void A_result_gives_its_text_to_the_next_prompt()
    {
        PromptResult result = _module.Run("Invoke-KiroPrompt 'one' | Invoke-KiroPrompt 'Improve this'").WithoutError().Result;

        Assert.Equal(["one", "Improve this\n\nYou said: one"], _agent.Prompts);
        Assert.Equal("one", Assert.IsType<PromptResult>(result.GetInput()).Prompt);
    }

    [Fact]
    public void A_result_as_a_prompt_does_not_repeat_its_own_prompt()
    {
        Assert.StartsWith("PromptMissing,", _module.Run("Invoke-KiroPrompt 'one' | Invoke-KiroPrompt").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["one"], _agent.Prompts);
    }

    [Fact]
    public void A_property_named_Prompt_is_the_prompt()
    {
        _module.Run("[pscustomobject]@{ Prompt = 'A'; Id = 1 }, [pscustomobject]@{ Prompt = 'B'; Id = 2 } | Invoke-KiroPrompt -ThrottleLimit 1").WithoutError();

        Assert.Equal(["A", "B"], _agent.Prompts);
    }

    [Fact]
    public void A_script_block_makes_a_prompt_from_each_input()
    {
        _module.Run("1..3 | Invoke-KiroPrompt -Prompt { \"Square $_\" } -ThrottleLimit 1").WithoutError();

        Assert.Equal(["Square 1", "Square 2", "Square 3"], _agent.Prompts);
    }

    [Fact]
    public void A_script_block_without_output_fails_only_that_input()
    {
        Ran ran = _module.Run("1..3 | Invoke-KiroPrompt -Prompt { if ($_ -ne 2) { \"p$_\" } else { '' } } -ThrottleLimit 1");

        Assert.Equal(["p1", "p3"], _agent.Prompts);
        Assert.StartsWith("PromptEmpty,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(2, ran.Error.TargetObject);
    }

    [Fact]
    public void Empty_input_gives_no_prompt_and_no_error()
    {
        Ran ran = _module.Run("@() | Invoke-KiroPrompt; @() | Invoke-KiroPrompt 'Summarise'").WithoutError();

        Assert.Empty(ran.Output);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void Any_text_of_a_prompt_arrives_unchanged()
    {
        const string nasty = "; rm -rf $(x) `y` \"q\" 'q' \\ | & < > * ? %PATH% {0}\r\n\tünïcödé 日本 😀 \u0001 end ";

        PromptResult result = _module.Set("Nasty", nasty).Run("Invoke-KiroPrompt $Nasty").WithoutError().Result;

        Assert.Equal([nasty], _agent.Prompts);
        Assert.Equal("You said: " + nasty, result.Text);
    }

    [Fact]
    public void A_prompt_that_looks_like_a_command_is_data()
    {
        PromptResult result = _module.Run("Invoke-KiroPrompt '/usage'").WithoutError().Result;

        Assert.Equal("/usage", result.Prompt);
        Assert.StartsWith("You said:", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("''", "PromptEmpty", "")]
    [InlineData("'  '", "PromptEmpty", "  ")]
    [InlineData("$null", "PromptEmpty", null)]
    public void An_empty_input_fails_only_that_input(string input, string id, object? target)
    {
        Ran ran = _module.Run($"'a', {input}, 'b' | Invoke-KiroPrompt -ThrottleLimit 1");

        Assert.Equal(["a", "b"], _agent.Prompts);
        Assert.Equal([0, 2], ran.Results.Select(r => r.Index));
        InvokeErrors.ShowsAs(ran.Error, id, ErrorCategory.InvalidArgument);
        Assert.Equal(target, ran.Error.TargetObject);
    }

    [Fact]
    public void The_error_for_an_input_that_is_not_a_prompt_gives_the_remedy()
    {
        ErrorRecord directory = _module.Pipe([new DirectoryInfo(_agent.Folder)], "Invoke-KiroPrompt").Error;
        ErrorRecord table = _module.Run(", @{ a = 1 } | Invoke-KiroPrompt").Error;
        ErrorRecord nothing = _module.Run("Invoke-KiroPrompt").Error;

        InvokeErrors.ShowsAs(directory, "PromptMissing", ErrorCategory.InvalidArgument);
        InvokeErrors.ShowsAs(table, "PromptMissing", ErrorCategory.InvalidArgument);
        InvokeErrors.ShowsAs(nothing, "PromptMissing", ErrorCategory.InvalidArgument);
        Assert.Equal(_agent.Folder, Assert.IsType<DirectoryInfo>(directory.TargetObject).FullName);
        Assert.Contains("-Prompt", directory.ToString(), StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void A_file_that_is_not_a_prompt_fails_only_that_file()
    {
        FileInfo good = _agent.File("good.md", "good");
        FileInfo gone = new(Path.Combine(_agent.Folder, "gone.md"));
        FileInfo large = _agent.File("large.md", new string('x', (1024 * 1024) + 1));
        FileInfo binary = _agent.File("binary.bin", "a\0b");
        FileInfo latin = new(Path.Combine(_agent.Folder, "latin.txt"));
        File.WriteAllBytes(latin.FullName, [0x66, 0xFC, 0x72]);

        Ran ran = _module.Pipe([gone, large, binary, latin, good], "Invoke-KiroPrompt");

        Assert.Equal(["good"], _agent.Prompts);
        Assert.Equal(4, ran.Errors.Count);
        InvokeErrors.ShowsAs(ran.Errors[0], "PromptFileUnreadable", ErrorCategory.ReadError);
        InvokeErrors.ShowsAs(ran.Errors[1], "PromptFileTooLarge", ErrorCategory.LimitsExceeded);
        InvokeErrors.ShowsAs(ran.Errors[2], "PromptFileNotText", ErrorCategory.InvalidData);
        InvokeErrors.ShowsAs(ran.Errors[3], "PromptFileNotText", ErrorCategory.InvalidData);
        Assert.Equal([gone, large, binary, latin], ran.Errors.Select(e => e.TargetObject));
    }

    [Fact]
    public void Paths_may_have_wildcards_and_literal_paths_have_none()
    {
        _agent.File("a1.md", "one");
        _agent.File("a2.md", "two");
        _agent.File("a[1].md", "three");
        _module.Set("Folder", _agent.Folder);

        Assert.Equal(["one", "two"], _module.Run("Invoke-KiroPrompt -Path (\"$Folder/a?.md\", \"$Folder/none*\") -Ordered").WithoutError().Results.Select(r => r.Prompt));
        Assert.Equal("three", _module.Run("Invoke-KiroPrompt -LiteralPath \"$Folder/a[1].md\"").WithoutError().Result.Prompt);
        Assert.Equal("You said: Look\nLinked: a1.md (3 bytes)", _module.Run("Invoke-KiroPrompt Look -Path \"$Folder/a1.md\"").WithoutError().Result.Text);
    }

    [Fact]
    public void A_missing_path_fails_only_that_path()
    {
        _agent.File("a.md", "one");

        Ran ran = _module.Set("Folder", _agent.Folder).Run("Invoke-KiroPrompt -Path \"$Folder/b.md\", \"$Folder/a.md\", 'nodrive:/x', 'Env:/PATH'");

        Assert.Equal("one", ran.Result.Prompt);
        Assert.Equal(1, ran.Result.Index);
        Assert.Equal(3, ran.Errors.Count);
        Assert.All(ran.Errors, error => InvokeErrors.ShowsAs(error, "PathNotFound", ErrorCategory.ObjectNotFound));
        Assert.Equal([$"{_agent.Folder}/b.md", "nodrive:/x", "Env:/PATH"], ran.Errors.Select(e => e.TargetObject!.ToString()!));
    }

    [Fact]
    public void SlashCommand_runs_a_command_of_the_agent()
    {
        Assert.DoesNotContain("You said", _module.Run("Invoke-KiroPrompt '/usage' -SlashCommand").WithoutError().Result.Text, StringComparison.Ordinal);
    }
}
