using System.Management.Automation;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests;

/// <remarks>
/// Scripts import the built module from the folder "out". The test project references the same project, and .NET loads an
/// assembly of that name once. Tests can therefore use the objects of scripts as their own types.
/// </remarks>
public sealed class ModuleTests(FirstRunspace first)
{
    [Fact]
    public void Scripts_and_tests_use_the_same_assembly()
    {
        using var module = new ModuleRunspace();

        Type script = module.Run("[KiroPool.PromptResult]").WithoutError().Value<Type>();

        Assert.Same(typeof(PromptResult), script);
        using var built = new PEReader(File.OpenRead(Path.Combine(Path.GetDirectoryName(Repository.Manifest)!, "KiroPool.dll")));
        MetadataReader metadata = built.GetMetadataReader();
        Assert.Equal(typeof(PoolInfo).Assembly.ManifestModule.ModuleVersionId, metadata.GetGuid(metadata.GetModuleDefinition().Mvid));
    }

    [Fact]
    public void The_fixture_has_the_first_runspace_of_the_process() => Assert.Equal(1, first.Runspace.Runspace.Id);

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets_of_the_assembly()
    {
        using var module = new ModuleRunspace();

        IEnumerable<string> exported = module.Run("(Get-Module KiroPool).ExportedCommands.Keys").WithoutError().Values<string>();

        IEnumerable<string> written = typeof(PoolInfo).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes(typeof(CmdletAttribute), inherit: false).Cast<CmdletAttribute>())
            .Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}");
        Assert.Equal(written.Order(), exported.Order());
    }

    [Fact]
    public void Importing_writes_nothing_to_any_stream()
    {
        using var module = new ModuleRunspace(import: false);

        Ran ran = module.Run("Import-Module $Manifest").WithoutError();

        Assert.Empty(ran.Output);
        Assert.Empty(ran.Warnings);
    }
}
