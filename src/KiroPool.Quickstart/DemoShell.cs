using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace KiroPool.Quickstart;

/// <summary>Runs one statement after the other, as a console does, and says of each whether it failed. Ctrl+C stops it.</summary>
internal sealed class DemoShell
{
    private readonly Runspace _runspace;
    private volatile PowerShell? _running;
    private volatile bool _interrupted;

    public DemoShell(Runspace runspace)
    {
        _runspace = runspace;
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            _interrupted = true;
            _running?.BeginStop(null, null);
        };
    }

    /// <summary>Runs a statement and shows what it writes. An error, which here ends it, is shown as well.</summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed.</exception>
    public bool Succeeds(string statement)
    {
        using var shell = PowerShell.Create(_runspace);
        _running = shell;
        if (_interrupted)
            throw new PipelineStoppedException();
        try
        {
            shell.AddScript(statement, useLocalScope: false).AddCommand("Out-Default").Invoke();
            return true;
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            Console.Error.WriteLine(e.ErrorRecord);
            return false;
        }
        finally
        {
            _running = null;
        }
    }
}
