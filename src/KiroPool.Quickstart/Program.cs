using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace KiroPool.Quickstart;

/// <summary>
/// Runs Demo.ps1 in an embedded PowerShell engine, so that the module can be seen at work on a machine that has only the
/// .NET SDK. With <c>--agent program [arguments]</c> the demo talks to that ACP agent.
/// </summary>
internal static class Program
{
    private const int UsageExitCode = 2;

    public static int Main(string[] arguments)
    {
        if (arguments is not ([] or ["--agent", _, ..]))
        {
            Console.Error.WriteLine("usage: dotnet run --project src/KiroPool.Quickstart [-- --agent <program> [arguments]]");
            return UsageExitCode;
        }

        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        var host = new QuickstartHost();
        using Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        runspace.SessionStateProxy.Path.SetLocation(Path.GetFullPath(Metadata("Repository")));

        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            shell.BeginStop(null, null);
        };

        shell.AddScript(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Demo.ps1")))
            .AddParameters(new Dictionary<string, object?>
            {
                ["Module"] = Metadata("Module"),
                ["Simulator"] = Metadata("Simulator"),
                ["Files"] = FilesToAskAbout(),
                ["Agent"] = arguments.ElementAtOrDefault(1),
                ["AgentArguments"] = arguments.Skip(2).ToArray(),
            })
            .AddCommand("Out-Default");
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        try
        {
            shell.Invoke();
            return shell.HadErrors ? 1 : 0;
        }
        catch (PipelineStoppedException)
        {
            return 130;
        }
        catch (RuntimeException e)
        {
            Console.Error.WriteLine(e.ErrorRecord);
            return 1;
        }
    }

    private static FileInfo[] FilesToAskAbout() =>
        [.. new DirectoryInfo(Path.Combine(Metadata("Repository"), "src", "KiroPool", "Commands")).GetFiles("*.cs").OrderBy(file => file.Name).Take(6)];

    private static string Metadata(string key) =>
        typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
