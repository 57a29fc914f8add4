using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KiroPool.Tests;

/// <summary>Reads the sources as the compiler does: which folder uses which, and how long a file is.</summary>
[Long]
public sealed class ArchitectureTests
{
    private static readonly ConcurrentDictionary<string, Lazy<Use[]>> UsesOf = new();

    [Theory]
    [InlineData("KiroPool.Engine")]
    [InlineData("KiroPool")]
    public void No_two_folders_use_each_other_directly_or_by_a_detour(string project)
    {
        ILookup<string, Use> uses = UsesIn(project).ToLookup(use => use.From);
        Assert.True(uses.Count > 5, "hardly any source was read");

        string[] circles =
        [
            .. uses.SelectMany(folder => folder)
                .Where(use => Reaches(uses, use.To, use.From))
                .Select(use => $"{use.From} → {use.To}: {use.File} uses {use.Type}")
                .Distinct(),
        ];

        Assert.Empty(circles);
    }

    [Theory]
    [InlineData("Agents")]
    [InlineData("JsonRpc", "Processes")]
    [InlineData("Pooling", "Agents", "Diagnostics", "Processes", "Statistics")]
    [InlineData("Sessions", "Agents", "Diagnostics", "Pooling")]
    public void A_floor_of_the_engine_stands_on_these_alone(string folder, params string[] floors)
    {
        string[] others = [.. UsesIn("KiroPool.Engine").Where(use => use.From == folder && !floors.Contains(use.To)).Select(use => $"{use.To}: {use.File} uses {use.Type}").Distinct()];

        Assert.Empty(others);
    }

    [Fact]
    public void Each_source_file_has_fewer_than_300_lines()
    {
        string[] files =
        [
            .. new[] { "src", "tests" }
                .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
                .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules")),
        ];
        Assert.True(files.Length > 300, "hardly any source was found");

        Assert.Empty(files.Where(file => File.ReadLines(file).Count() >= 300).Select(file => Path.GetRelativePath(Repository.Root, file)));
    }

    private static bool Reaches(ILookup<string, Use> uses, string from, string to)
    {
        var seen = new HashSet<string> { from };
        var open = new Queue<string>([from]);
        while (open.TryDequeue(out string? folder))
        {
            if (folder == to)
                return true;
            foreach (Use use in uses[folder].Where(use => seen.Add(use.To)))
                open.Enqueue(use.To);
        }

        return false;
    }

    /// <summary>A compilation takes seconds, so each project is compiled once.</summary>
    private static Use[] UsesIn(string project) => UsesOf.GetOrAdd(project, name => new Lazy<Use[]>(() => [.. ReadUses(name)])).Value;

    private static IEnumerable<Use> ReadUses(string project)
    {
        string root = Path.Combine(Repository.Root, "src", project);
        SyntaxTree[] trees =
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Where(file => FolderOf(root, file) is not ("bin" or "obj"))
                .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: file)),
            CSharpSyntaxTree.ParseText("global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;"),
        ];
        IEnumerable<PortableExecutableReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileNameWithoutExtension(path) != project)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(project, trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        return trees.Where(tree => tree.FilePath.Length > 0).SelectMany(tree => ReadUses(root, tree, compilation.GetSemanticModel(tree)));
    }

    private static IEnumerable<Use> ReadUses(string root, SyntaxTree tree, SemanticModel model)
    {
        string from = FolderOf(root, tree.FilePath);
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
            INamedTypeSymbol? type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
            string? file = type?.OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.FilePath;
            if (!string.IsNullOrEmpty(file) && FolderOf(root, file) is var to && to != from)
                yield return new Use(from, to, Path.GetFileName(tree.FilePath), type!.Name);
        }
    }

    /// <summary>The first folder of a file's path in its project; empty for the root.</summary>
    private static string FolderOf(string root, string file)
    {
        string[] parts = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar);
        return parts.Length == 1 ? "" : parts[0];
    }

    private sealed record Use(string From, string To, string File, string Type);
}
