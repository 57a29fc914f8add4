using System.Management.Automation;
using System.Reflection;
using System.Reflection.Emit;

namespace KiroPool.Benchmarks.Topics;

/// <summary>A binary module with one cmdlet that does nothing: the cost of any import.</summary>
internal sealed class EmptyModule : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kiropool-empty-");

    public EmptyModule()
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("EmptyModule"), typeof(object).Assembly);
        TypeBuilder cmdlet = assembly.DefineDynamicModule("EmptyModule").DefineType("GetNothingCommand", TypeAttributes.Public, typeof(Cmdlet));
        cmdlet.SetCustomAttribute(new CustomAttributeBuilder(typeof(CmdletAttribute).GetConstructor([typeof(string), typeof(string)])!, ["Get", "Nothing"]));
        cmdlet.CreateType();
        Path = System.IO.Path.Combine(_folder.FullName, "EmptyModule.dll");
        assembly.Save(Path);
    }

    public string Path { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
