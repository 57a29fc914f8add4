using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace KiroPool.Quickstart;

/// <summary>
/// Types Demo.ps1 into a PowerShell of its own, statement after statement, so that the module can be seen at work on a
/// machine that has only the .NET SDK. With <c>--agent program [arguments]</c> the demo talks to that ACP agent, with
/// <c>--engine v3</c> to that engine of kiro-cli.
/// </summary>
internal static class Program
{
    private const int WrongUsage = 2;
    private const int ModuleNotImported = 3;

    /// <summary>The first statement that fails ends with 11, the second with 12, and so on.</summary>
    private const int BeforeFirstStatement = 10;

    private const int Interrupted = 130;

    private const string Usage = """
        usage: dotnet run --project src/KiroPool.Quickstart [-- --agent <program> [arguments] | --engine v2|v3]
        exit codes: 0 all went well; 2 usage; 3 the module could not be imported; 11, 12, ... the statement of that number
        in Demo.ps1 failed, the first being 11; 130 interrupted.
        """;

    public static int Main(string[] arguments)
    {
        if (arguments is not ([] or ["--agent", _, ..] or ["--engine", "v2" or "v3"]))
        {
            Console.Error.WriteLine(Usage);
            return WrongUsage;
        }

        QuickstartAgent agent = arguments is ["--engine", var engine]
            ? QuickstartAgent.ChooseEngine(engine, Metadata("Simulator"))
            : QuickstartAgent.Choose(arguments is [] ? [] : arguments[1..], Metadata("Simulator"));
        Console.WriteLine(agent.Announcement);
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        using Runspace runspace = RunspaceFactory.CreateRunspace(new QuickstartHost(), state);
        runspace.Open();
        runspace.SessionStateProxy.Path.SetLocation(Path.GetFullPath(Metadata("Sources")));
        runspace.SessionStateProxy.SetVariable("ErrorActionPreference", ActionPreference.Stop);
        runspace.SessionStateProxy.SetVariable("PSDefaultParameterValues", Defaults(agent));
        return Run(new DemoShell(runspace));
    }

    private static int Run(DemoShell shell)
    {
        try
        {
            if (!shell.Succeeds($"Import-Module '{Metadata("Module").Replace("'", "''")}'"))
                return ModuleNotImported;
            int code = BeforeFirstStatement;
            foreach (StatementAst statement in Statements(Path.Combine(AppContext.BaseDirectory, "Demo.ps1")))
            {
                code++;
                Console.WriteLine($"{Environment.NewLine}PS> {statement.Extent.Text}");
                if (!shell.Succeeds(statement.Extent.Text))
                    return code;
            }

            return 0;
        }
        catch (PipelineStoppedException)
        {
            return Interrupted;
        }
    }

    private static ReadOnlyCollection<StatementAst> Statements(string script) => Parser.ParseFile(script, out _, out _).EndBlock.Statements;

    // The typed commands name no agent, as with an installed kiro-cli.
    private static DefaultParameterDictionary Defaults(QuickstartAgent agent) =>
        new(agent.Parameters.ToDictionary(parameter => $"Start-KiroPool:{parameter.Key}", parameter => parameter.Value) as IDictionary);

    private static string Metadata(string key) =>
        typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
