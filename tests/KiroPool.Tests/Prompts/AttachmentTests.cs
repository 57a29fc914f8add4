using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>Files, directories and images that go with a prompt.</summary>
public sealed class AttachmentTests : WarmAgentTests
{
    [Fact]
    public void A_file_with_a_prompt_is_attached_as_a_link()
    {
        FileInfo file = _agent.File("my code.cs", "class C;");

        PromptResult result = _module.Pipe([file], "Invoke-KiroPrompt 'Summarise this'").WithoutError().Result;

        Assert.Equal("You said: Summarise this\nLinked: my code.cs (8 bytes)", result.Text);
        Assert.Equal(["Summarise this"], _agent.Prompts);
        Assert.Equal(file.FullName, Assert.IsType<FileInfo>(result.GetInput()).FullName);
    }

    [Fact]
    public void A_directory_with_a_prompt_is_attached_as_a_link()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_agent.Folder, "src"));

        Assert.Contains("Linked: src (directory)", _module.Pipe([folder], "Invoke-KiroPrompt 'Review'").WithoutError().Result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_script_block_files_are_attached_and_other_objects_are_not()
    {
        FileInfo file = _agent.File("a.txt", "abc");

        Ran ran = _module.Pipe([file, "text"], "Invoke-KiroPrompt -Prompt { \"About $($_.Length)\" } -ThrottleLimit 1").WithoutError();

        Assert.Equal(["You said: About 3\nLinked: a.txt (3 bytes)", "You said: About 4"], ran.Texts);
    }

    [Fact]
    public void Embed_sends_the_text_of_a_file()
    {
        FileInfo file = _agent.File("a.cs", "class C;");

        _module.Pipe([file], "Invoke-KiroPrompt 'Review' -Embed").WithoutError();

        Assert.Equal([$"Review\n\n{file.FullName}:\n\nclass C;"], _agent.Prompts);
    }

    [Fact]
    public void The_error_for_a_file_that_cannot_be_embedded_gives_the_limit_or_the_remedy()
    {
        FileInfo large = _agent.File("large.md", new string('x', (1024 * 1024) + 1));
        FileInfo binary = _agent.File("binary.bin", "a\0b");
        FileInfo full = _agent.File("full.md", new string('x', 1024 * 1024));

        Ran ran = _module.Pipe([large, binary, new DirectoryInfo(_agent.Folder), full], "Invoke-KiroPrompt 'Review' -Embed -ThrottleLimit 1");

        Assert.Equal("PromptFileTooLarge", ran.Errors[0].FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("1,048,576 bytes", ran.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("PromptFileNotText", ran.Errors[1].FullyQualifiedErrorId.Split(',')[0]);
        InvokeErrors.ShowsAs(ran.Errors[2], "InputNotSupported", ErrorCategory.InvalidType);
        Assert.EndsWith("xxx", ran.Result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.PNG", "Image: image/png, 4 bytes")]
    [InlineData("b.jpeg", "Image: image/jpeg, 4 bytes")]
    [InlineData("c.bmp", "Linked: c.bmp (4 bytes)")]
    public void An_image_is_sent_as_an_image(string name, string arrivesAs)
    {
        FileInfo image = _agent.File(name, "1234");

        Assert.Equal($"You said: Describe\n{arrivesAs}", _module.Pipe([image], "Invoke-KiroPrompt 'Describe'").WithoutError().Result.Text);
    }

    [Fact]
    public void An_attachment_follows_the_input_of_every_prompt()
    {
        FileInfo rules = _agent.File("rules.md", "be kind");
        FileInfo one = _agent.File("one.cs", "1");

        Ran ran = _module.Set("Rules", rules.FullName).Pipe([one, "two"], "Invoke-KiroPrompt 'Review' -Attachment $Rules -Ordered").WithoutError();

        Assert.Equal(["You said: Review\nLinked: one.cs (1 bytes)\nLinked: rules.md (7 bytes)", "You said: Review\n\ntwo\nLinked: rules.md (7 bytes)"], ran.Texts);
    }

    [Fact]
    public void A_missing_attachment_ends_the_command_before_any_prompt()
    {
        ErrorRecord error = _module.Run("'a' | Invoke-KiroPrompt -Attachment ./nowhere.md").Error;

        InvokeErrors.ShowsAs(error, "PathNotFound", ErrorCategory.ObjectNotFound);
        Assert.Contains("nowhere.md", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);
    }
}
