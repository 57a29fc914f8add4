using System.Management.Automation;
using KiroPool.Engine.Agents;

namespace KiroPool.Pipeline;

/// <summary>The kind of a record, which decides its stream.</summary>
internal enum RecordKind
{
    Result,
    Update,
    Error,

    /// <summary>An error that ends the invocation.</summary>
    Fatal,

    Warning,
    Verbose,
    Debug,

    /// <summary>An action for the pipeline thread.</summary>
    Action,

    /// <summary>The piece of work with this number has ended.</summary>
    Finished,
}

/// <summary>A record from a worker for the pipeline thread. Plain data, so that tests can inspect it.</summary>
internal readonly record struct PipelineRecord(RecordKind Kind, object Value, long Work)
{
    public void WriteTo(Cmdlet cmdlet)
    {
        switch (Kind)
        {
            case RecordKind.Result:
                cmdlet.WriteObject(Value);
                break;
            case RecordKind.Update:
                cmdlet.WriteObject(((UnreadUpdate)Value).Take());
                break;
            case RecordKind.Error:
                cmdlet.WriteError((ErrorRecord)Value);
                break;
            case RecordKind.Fatal:
                cmdlet.ThrowTerminatingError((ErrorRecord)Value);
                break;
            case RecordKind.Warning:
                cmdlet.WriteWarning(TerminalText.Harmless((string)Value));
                break;
            case RecordKind.Verbose:
                cmdlet.WriteVerbose(TerminalText.Harmless((string)Value));
                break;
            case RecordKind.Debug:
                cmdlet.WriteDebug(TerminalText.Harmless((string)Value));
                break;
            case RecordKind.Action:
                ((Action)Value)();
                break;
        }
    }
}
