using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using KiroPool.Tests.Errors;

namespace KiroPool.Tests.Help;

/// <summary>Compares the pages, the generated help, the cmdlets and the manifest. Needs no PlatyPS.</summary>
public sealed partial class HelpPageTests
{
    private const string Remake = "./build.ps1 Docs generates it from the pages.";

    public static TheoryData<string> Cmdlets => [.. CmdletFacts.All.Keys];

    [Fact]
    public void Every_exported_cmdlet_and_no_other_has_a_page_and_help()
    {
        string manifest = File.ReadAllText(Path.Combine(Repository.Root, "KiroPool.psd1"));
        string exports = Regex.Match(manifest, @"CmdletsToExport\s*=\s*@\((.*?)\)", RegexOptions.Singleline).Groups[1].Value;
        string[] exported = [.. Regex.Matches(exports, "'(.+?)'").Select(name => name.Groups[1].Value).Order()];

        Assert.NotEmpty(exported);
        Assert.Equal(exported, CmdletFacts.All.Keys.Order());
        Assert.Equal(exported, HelpPage.All.Keys.Order());
        Assert.Equal(exported, HelpMaml.All.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Page_and_help_describe_exactly_the_parameters_of_the_cmdlet(string cmdlet)
    {
        IOrderedEnumerable<string> names = CmdletFacts.All[cmdlet].Parameters.Keys.Order();

        Assert.Equal(names, HelpPage.All[cmdlet].Parameters.Keys.Order());
        Assert.Equal(names, HelpMaml.All[cmdlet].Parameters.Keys.Order());
        Assert.All(names, name => Assert.NotEmpty(HelpPage.All[cmdlet].DescriptionOf(name)));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_page_describes_each_parameter_correctly(string cmdlet)
    {
        HelpPage page = HelpPage.All[cmdlet];
        Assert.All(CmdletFacts.All[cmdlet].Parameters, parameter =>
        {
            (string name, ParameterFacts facts) = parameter;
            ParameterAttribute[] places = [.. facts.Places.Values];
            Assert.Equal([facts.Type.FullName], page.FactsOf(name, "Type"));
            Assert.Equal(facts.Aliases.Order(), page.AliasesOf(name).Order());
            Assert.Equal([Word(facts.TakesWildcards)], page.FactsOf(name, "SupportsWildcards"));
            Assert.Equal(places.Select(place => place.ParameterSetName == CmdletFacts.AllSets ? "(All)" : place.ParameterSetName), page.FactsOf(name, "Name"));
            Assert.Equal(places.Select(place => place.Position < 0 ? "Named" : place.Position.ToString(CultureInfo.InvariantCulture)), page.FactsOf(name, "Position"));
            Assert.Equal(places.Select(place => Word(place.Mandatory)), page.FactsOf(name, "IsRequired"));
            Assert.Equal(places.Select(place => Word(place.ValueFromPipeline)), page.FactsOf(name, "ValueFromPipeline"));
            Assert.Equal(places.Select(place => Word(place.ValueFromPipelineByPropertyName)), page.FactsOf(name, "ValueFromPipelineByPropertyName"));
        });
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_page_gives_the_defaults_of_numbers_and_switches(string cmdlet)
    {
        CmdletFacts facts = CmdletFacts.All[cmdlet];
        object fresh = Activator.CreateInstance(facts.Type)!;
        Assert.All(facts.Parameters, parameter =>
        {
            object? value = parameter.Value.Property?.GetValue(fresh);
            string told = HelpPage.All[cmdlet].FactsOf(parameter.Key, "DefaultValue").Single().Trim('\'').Replace("''", "'", StringComparison.Ordinal);
            if (value is double or SwitchParameter || (value is int number && number != 0))
                Assert.Equal(value is SwitchParameter ? "False" : Convert.ToString(value, CultureInfo.InvariantCulture), told);
            Assert.NotEmpty(told);
            Assert.Equal(told, HelpMaml.All[cmdlet].Defaults[parameter.Key]);
        });
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Each_syntax_has_the_parameters_of_its_set(string cmdlet)
    {
        CmdletFacts facts = CmdletFacts.All[cmdlet];
        Dictionary<string, string[]> sets = facts.ParameterSets.ToDictionary(set => set, set => facts.Parameters.Where(one => one.Value.IsIn(set)).Select(one => one.Key).Order().ToArray());

        Assert.Equal(sets.Keys.Order(), HelpPage.All[cmdlet].Syntaxes.Keys.Order());
        Assert.All(HelpPage.All[cmdlet].Syntaxes, syntax => Assert.Equal(sets[syntax.Key], ParameterNames().Matches(syntax.Value).Select(name => name.Groups[1].Value).Order()));
        Assert.Equal(
            sets.Values.Select(names => string.Join(' ', names)).Order(),
            HelpMaml.All[cmdlet].Syntaxes.Select(names => string.Join(' ', names.Order())).Order());
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Each_page_has_at_least_three_examples(string cmdlet)
    {
        Assert.True(HelpPage.All[cmdlet].Examples.Count >= 3);
        Assert.All(HelpPage.All[cmdlet].Examples, example => Assert.Contains(cmdlet, example.Code, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Get_Help_shows_the_text_of_the_page(string cmdlet)
    {
        HelpPage page = HelpPage.All[cmdlet];
        HelpMaml help = HelpMaml.All[cmdlet];
        Same("synopsis", HelpPage.Plain(page["SYNOPSIS"]), help.Synopsis);
        Same("description", HelpPage.Plain(page["DESCRIPTION"]), help.Description);
        Same("notes", HelpPage.Plain(page["NOTES"]), help.Notes);
        Assert.All(page.Parameters.Keys, name => Same(name, page.DescriptionOf(name), help.Parameters[name]));
        Assert.True(page.Examples.SequenceEqual(help.Examples), $"The examples of {cmdlet} differ between its page and the help. {Remake}");

        void Same(string what, string written, string shown) => Assert.True(written == shown && written.Length > 0, $"{cmdlet}, {what}: the page says\n{written}\nand the help\n{shown}\n{Remake}");
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Links_ids_and_topics_of_a_page_exist(string cmdlet)
    {
        string source = HelpPage.All[cmdlet].Source;
        Assert.All(Links().Matches(HelpPage.All[cmdlet]["RELATED LINKS"]), link => Assert.True(File.Exists(Path.Combine(HelpPage.Folder, link.Groups[1].Value)), link.Value));
        Assert.NotEmpty(Links().Matches(HelpPage.All[cmdlet]["RELATED LINKS"]));
        Assert.All(Ids().Matches(source), id => Assert.Contains(id.Groups[1].Value, ErrorCatalog.All.Keys));
        Assert.All(Regex.Matches(source, "about_KiroPool[A-Za-z_]*"), topic => Assert.True(File.Exists(Path.Combine(HelpPage.Folder, topic.Value + ".help.txt")), topic.Value));
    }

    [Fact]
    public void No_placeholder_is_left()
    {
        Assert.All(Directory.GetFiles(HelpPage.Folder), path => Assert.DoesNotContain("{{", File.ReadAllText(path), StringComparison.Ordinal));
    }

    private static string Word(bool value) => value ? "true" : "false";

    [GeneratedRegex(@"(?<![\w])-([A-Z]\w+)")]
    private static partial Regex ParameterNames();

    [GeneratedRegex(@"\]\((.+?)\)")]
    private static partial Regex Links();

    /// <summary>"the error PoolNotStarted", "(SessionMismatch)".</summary>
    [GeneratedRegex(@"(?:\berror |\()([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b(?=[).,;: ])")]
    private static partial Regex Ids();
}
