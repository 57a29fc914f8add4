using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>Paths and names of files: each is that file or its own error.</summary>
public sealed class PathInputTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;

    public PathInputTests()
    {
        _module = new ModuleRunspace(_agent);
        _module.Run("Start-KiroPool @Agent -MaxSize 1").WithoutError();
        _module.Set("Folder", _agent.Folder).Run("Set-Location -LiteralPath $Folder").WithoutError();
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public void An_existing_name_is_taken_literally()
    {
        _agent.File("b[2].txt", "exact");
        _agent.File("b2.txt", "pattern");

        Assert.Equal("You said: Go\nLinked: b[2].txt (5 bytes)", _module.Run("Invoke-KiroPrompt 'Go' -Attachment 'b[2].txt'").WithoutError().Result.Text);
        Assert.Equal("exact", _module.Run("Invoke-KiroPrompt -Path 'b[2].txt'").WithoutError().Result.Prompt);
        Assert.Equal("You said: Go\nLinked: b[2].txt (5 bytes)", _module.Run("Invoke-KiroPrompt 'Go' -LiteralAttachment 'b[2].txt'").WithoutError().Result.Text);
        Assert.Equal("pattern", _module.Run("Invoke-KiroPrompt -Path 'b[0-9].txt'").WithoutError().Result.Prompt);
        Assert.Equal("exact", _module.Run("Invoke-KiroPrompt -Path 'b`[2`].txt'").WithoutError().Result.Prompt);
    }

    [Theory]
    [InlineData("-Attachment 'none*'", "none*")]
    [InlineData("-Attachment 'none[2].txt'", "none[2].txt")]
    [InlineData("-LiteralAttachment 'a*.txt'", "a*.txt")]
    [InlineData("-Attachment 'n[draft.txt'", "n[draft.txt")]
    public void An_attachment_without_a_match_ends_the_command(string parameter, string named)
    {
        _agent.File("a1.txt", "abc");

        ErrorRecord error = _module.Run($"'a' | Invoke-KiroPrompt 'Go' {parameter}").Error;

        Assert.Equal("PathNotFound,KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Contains(named, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void An_invalid_pattern_fails_only_that_path()
    {
        _agent.File("ok.txt", "fine");

        Ran ran = _module.Run("Invoke-KiroPrompt -Path 'n[draft.txt', 'ok.txt', 'nowhere::x', 'nodrive:/x', \"a`0b\"");

        Assert.Equal("fine", ran.Result.Prompt);
        Assert.Null(ran.Terminating);
        Assert.Equal(4, ran.Errors.Count);
        Assert.All(ran.Errors, error => Assert.Equal("PathNotFound,KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId));
    }

    [Fact]
    public void A_file_that_vanishes_during_the_search_fails_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows, links need a right of their own.");
        foreach (string name in (string[])["f1.md", "f3.md"])
            _agent.File(name, name);
        File.CreateSymbolicLink(Path.Combine(_agent.Folder, "f2.md"), Path.Combine(_agent.Folder, "gone"));

        Ran ran = _module.Run("Invoke-KiroPrompt -Path 'f*.md' -Ordered");

        Assert.Equal(["f1.md", "f3.md"], ran.Results.Select(result => result.Prompt));
        Assert.Equal([0, 2], ran.Results.Select(result => result.Index));
        Assert.Contains("f2.md", ran.Error.TargetObject!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_path_fails_the_whole_collected_prompt()
    {
        _agent.File("a.md", "one");

        Ran ran = _module.Run("Invoke-KiroPrompt 'Compare' -Path 'a.md', 'b.md' -Collect");

        Assert.Equal("PathNotFound", ran.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(_agent.Prompts);
    }

    [Theory]
    [InlineData("Invoke-KiroPrompt -Path '~/x'", "PathNotFound")]
    [InlineData("Invoke-KiroPrompt -LiteralPath '~/x'", "PathNotFound")]
    [InlineData("Invoke-KiroPrompt 'a' -Attachment '~/x'", "PathNotFound")]
    [InlineData("Invoke-KiroPrompt 'a' -LiteralAttachment '~/x'", "PathNotFound")]
    [InlineData("Invoke-KiroPrompt 'a' -WorkingDirectory '~/x'", "WorkingDirectoryNotFound")]
    [InlineData("Invoke-KiroPrompt 'a' -JournalPath '~/x'", "JournalWriteFailed")]
    [InlineData("Start-KiroPool -FilePath '~/x' -Force", "ExecutableNotFound")]
    [InlineData("Start-KiroPool -FilePath $Agent.FilePath -WorkingDirectory '~/x' -Force", "WorkingDirectoryNotFound")]
    [InlineData("New-KiroSession a -WorkingDirectory '~/x'", "WorkingDirectoryNotFound")]
    [InlineData("Get-KiroModel -FilePath '~/x'", "ExecutableNotFound")]
    public void A_missing_home_is_not_an_error_of_the_PowerShell_engine(string script, string id)
    {
        ErrorRecord error = _module.Run($"(Get-PSProvider FileSystem).Home = ''; {script}").Error;

        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(_agent.Prompts);
    }

    [Theory]
    [InlineData("a%2Db.txt")]
    [InlineData("100%.txt")]
    [InlineData("a b .txt ")]
    [InlineData(" lead.txt")]
    [InlineData("q?x#y.txt")]
    [InlineData("back\\slash.txt")]
    [InlineData("semi;colon,&=+$@!'()*.txt")]
    [InlineData("ünï 日本 😀.txt")]
    [InlineData("%2e%2e/inner.txt")]
    [InlineData("%E2%82%AC.txt")]
    [InlineData("line\nfeed.txt")]
    [InlineData("tilde~`quote\".txt")]
    [InlineData("[a-z]{b}|^.txt")]
    [InlineData("c:d.txt")]
    public void An_attached_file_of_any_name_is_that_file(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_agent.Folder, name))!);
        FileInfo file = _agent.File(name, "1234567");

        string piped = _module.Pipe([file], "Invoke-KiroPrompt 'Read'").WithoutError().Result.Text;
        string literal = _module.Set("Name", name).Run("Invoke-KiroPrompt 'Read' -LiteralPath $Name").WithoutError().Result.Text;
        string embedded = _module.Pipe([file], "Invoke-KiroPrompt 'Read' -Embed").WithoutError().Result.Text;

        Assert.Equal($"You said: Read\nLinked: {file.Name} (7 bytes)", piped);
        Assert.Equal(piped, literal);
        Assert.EndsWith("1234567", embedded, StringComparison.Ordinal);
        Assert.Equal(3, _agent.Prompts.Count);
    }
}
