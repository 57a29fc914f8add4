using System.Text.RegularExpressions;
using KiroPool.Tests.Errors;

namespace KiroPool.Tests.Help;

/// <summary>
/// The about topics. <c>KIROPOOL_WRITE_HELP=1 dotnet test --project tests/KiroPool.Tests</c> rewrites categories and
/// advice of about_KiroPool_Errors. The meaning of an id is written by hand.
/// </summary>
public sealed class HelpTopicTests
{
    public static TheoryData<string> Topics => [.. Directory.GetFiles(HelpPage.Folder, "*.help.txt").Select(path => Path.GetFileName(path).Replace(".help.txt", "", StringComparison.Ordinal)).Order()];

    [Fact]
    public void All_topics_exist() => Assert.Equal(
        ["about_KiroPool", "about_KiroPool_Errors", "about_KiroPool_Hosts", "about_KiroPool_Lifetime", "about_KiroPool_Schemas", "about_KiroPool_Sessions"],
        Topics.Select(topic => topic.Data));

    [Theory]
    [MemberData(nameof(Topics))]
    public void A_topic_is_plain_text_that_fits_a_terminal(string topic)
    {
        string text = Read(topic);
        Assert.StartsWith($"TOPIC\n    {topic}\n\nSHORT DESCRIPTION\n    ", text, StringComparison.Ordinal);
        Assert.Contains("\nLONG DESCRIPTION\n", text, StringComparison.Ordinal);
        Assert.Contains("\nSEE ALSO\n", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 80 && line == line.TrimEnd() && !line.Contains('\t', StringComparison.Ordinal), line));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Cmdlets_parameters_and_topics_of_a_topic_exist(string topic)
    {
        string text = Read(topic);
        Assert.All(Regex.Matches(text, @"\b[A-Z][a-z]+-Kiro\w+"), name => Assert.Contains(name.Value, CmdletFacts.All.Keys));
        Assert.All(Regex.Matches(text, @"\babout_KiroPool\w*"), name => Assert.True(File.Exists(PathOf(name.Value)), name.Value));

        string[] parameters = [.. CmdletFacts.All.Values.SelectMany(cmdlet => cmdlet.Parameters.Keys)];
        string[] others = ["Parallel", "First", "Force", "Parameter", "PipelineVariable", "Debug", "Verbose", "ErrorAction", "ErrorVariable", "NonInteractive", "Wildcard"];
        Assert.All(Regex.Matches(text, @"(?<=[\s(])-([A-Z][a-z]\w*)"), name => Assert.Contains(name.Groups[1].Value, parameters.Concat(others)));
    }

    [Fact]
    public void Every_error_is_explained()
    {
        string text = Read("about_KiroPool_Errors");
        if (Environment.GetEnvironmentVariable("KIROPOOL_WRITE_HELP") == "1")
            File.WriteAllText(ErrorTopic.File, text = ErrorTopic.Renew(text));

        IReadOnlyList<(string Id, string Category, string Meaning, string Advice)> entries = ErrorTopic.Read(text);

        Assert.Equal(ErrorCatalog.All.Keys.Order(), entries.Select(entry => entry.Id).Order());
        Assert.All(entries, entry =>
        {
            Assert.Equal(ErrorCatalog.All[entry.Id].Category.ToString(), entry.Category);
            Assert.Equal(ErrorCatalog.All[entry.Id].Advice, entry.Advice);
            Assert.EndsWith(".", entry.Meaning, StringComparison.Ordinal);
        });
    }

    private static string PathOf(string topic) => Path.Combine(HelpPage.Folder, topic + ".help.txt");

    private static string Read(string topic) => File.ReadAllText(PathOf(topic)).ReplaceLineEndings("\n");
}
