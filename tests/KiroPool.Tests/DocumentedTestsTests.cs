using System.Text.RegularExpressions;

namespace KiroPool.Tests;

/// <summary>The tests that docs/architecture.md names as proofs exist.</summary>
public sealed partial class DocumentedTestsTests
{
    private static readonly string Tests = Path.Combine(Testing.Repository.Root, "tests");

    private static readonly Lazy<(string Path, string Text)[]> Sources = new(() =>
    [
        .. Directory.EnumerateFiles(Tests, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Regex.IsMatch(file, @"[\\/](bin|obj|node_modules)[\\/]"))
            .Select(file => (Path.GetRelativePath(Tests, file).Replace('\\', '/'), File.ReadAllText(file))),
    ]);

    [Fact]
    public void Each_test_that_the_architecture_names_exists()
    {
        string[] named = [.. Quoted().Matches(File.ReadAllText(Path.Combine(Testing.Repository.Root, "docs", "architecture.md"))).Select(match => match.Groups[1].Value).Distinct()];
        string[] names = [.. named.Where(name => Class().IsMatch(name) || Method().IsMatch(name))];

        Assert.InRange(names.Length, 100, 1000);
        string[] missing = [.. names.Where(name => !Exists(name))];
        Assert.True(missing.Length == 0, $"docs/architecture.md names tests that do not exist: {string.Join(", ", missing)}");
    }

    [Theory]
    [InlineData("Acp/AcpSignInTests", true)]
    [InlineData("Acp/NoSuchTests", false)]
    [InlineData("Simulated/AcpSignInTests", false)]
    [InlineData("DocumentedTestsTests.Each_test_that_the_architecture_names_exists", true)]
    [InlineData("DocumentedTestsTests.No_such_test", false)]
    public void A_name_is_found_by_its_folder_class_and_method(string name, bool exists) => Assert.Equal(exists, Exists(name));

    private static bool Exists(string name)
    {
        if (Method().IsMatch(name))
            return Sources.Value.Any(source => source.Text.Contains($" {name}(", StringComparison.Ordinal));
        int folder = name.LastIndexOf('/') + 1;
        string[] parts = name[folder..].Split('.');
        string file = $"/{name[..folder]}{parts[0]}.cs";
        return Sources.Value.Any(source => ("/" + source.Path).EndsWith(file, StringComparison.Ordinal) && (parts.Length == 1 || source.Text.Contains($" {parts[1]}(", StringComparison.Ordinal)));
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^(\w+(\.Tests)?/)*\w+Tests(\.\w+)?\z")]
    private static partial Regex Class();

    [GeneratedRegex(@"^[A-Z0-9]\w*_\w+_\w+\z")]
    private static partial Regex Method();
}
