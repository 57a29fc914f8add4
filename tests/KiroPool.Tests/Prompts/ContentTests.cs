using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>What answers hold besides text, and answers that hold nothing.</summary>
public sealed class ContentTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;
    private readonly string _folder;

    public ContentTests()
    {
        _folder = Path.Combine(_agent.Folder, "content");
        _module = new ModuleRunspace(_agent).Set("Folder", _folder).Set("Journal", Path.Combine(_agent.Folder, "batch.jsonl"));
        _module.StartWarm(1);
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public void An_answer_of_an_image_alone_is_an_answer()
    {
        Ran ran = _module.Run("Invoke-KiroPrompt '[[silent]] [[block image]]'").WithoutError();

        AnswerBlock image = Assert.Single(ran.Result.Content);
        Assert.Equal(("image", "image/png", 70), (image.Type, image.MimeType, image.Data!.Length));
        Assert.Null(image.Path);
        Assert.Empty(ran.Warnings);
    }

    [Fact]
    public void Content_is_saved_where_it_is_wanted_and_writes_over_nothing()
    {
        string script = "'[[silent]] [[block image]] [[block text]] [[block link]]', '[[block blob]]' | Invoke-KiroPrompt -ContentDirectory $Folder -ThrottleLimit 1";
        PromptResult[] first = [.. _module.Run(script).WithoutError().Results];
        PromptResult second = _module.Run(script).WithoutError().Results[0];

        Assert.Equal(["prompt-0-1.png", "prompt-0-2.csv", null], first[0].Content.Select(block => Path.GetFileName(block.Path)));
        Assert.Equal(Path.Combine(_folder, "prompt-1-1.bin"), Assert.Single(first[1].Content).Path);
        Assert.Equal(first[0].Content[0].Data, File.ReadAllBytes(first[0].Content[0].Path!));
        Assert.Equal("a,b\n1,2\n", File.ReadAllText(first[0].Content[1].Path!));
        Assert.Equal("prompt-0-1-2.png", Path.GetFileName(second.Content[0].Path));
        Assert.Equal(6, Directory.GetFileSystemEntries(_folder).Length);
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_an_error_before_a_prompt_runs()
    {
        string file = _agent.File("taken", "a file").FullName;

        ErrorRecord error = _module.Set("File", file).Run("Invoke-KiroPrompt 'hello' -ContentDirectory $File").Error;

        Assert.StartsWith("ContentNotWritten,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(file, error.TargetObject);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void A_turn_that_ends_without_a_word_is_warned_about()
    {
        Ran ran = _module.Run("Invoke-KiroPrompt '[[silent]]'").WithoutError();

        Assert.False(ran.Result.HasAnswer);
        Assert.Contains("without an answer", Assert.Single(ran.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_does_not_count_a_turn_without_a_word_as_done()
    {
        const string script = "'[[silent]]', 'said', '[[silent]] [[block image]]' | Invoke-KiroPrompt -JournalPath $Journal -ContentDirectory $Folder";
        _module.Run(script);
        Ran ran = _module.Run(script + " -Resume -Ordered").WithoutError();

        Assert.Equal([false, true, true], ran.Results.Select(result => result.FromJournal));
        Assert.Equal(2, _agent.Prompts.Count(prompt => prompt == "[[silent]]"));
        AnswerBlock image = Assert.Single(ran.Results[2].Content);
        Assert.Equal(("image", 70L, null, Path.Combine(_folder, "prompt-2-1.png")), (image.Type, image.Size, image.Data, image.Path));
    }

    [Fact]
    public void The_view_names_the_content_below_the_text()
    {
        string shown = (string)_module.Run("Invoke-KiroPrompt 'hello [[block image]] [[block link]]' | Out-String").Output.Single()!.BaseObject;

        Assert.Contains("[image: image/png, 70 bytes]", shown, StringComparison.Ordinal);
        Assert.Contains("[resource_link: report.pdf, application/pdf, 1,234 bytes]", shown, StringComparison.Ordinal);
    }
}
