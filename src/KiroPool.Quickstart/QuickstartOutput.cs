using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace KiroPool.Quickstart;

/// <summary>Writes to the console; has no screen of its own and asks nothing.</summary>
internal sealed class QuickstartOutput : PSHostUserInterface
{
    private const string NoInput = "The quickstart asks nothing.";

    /// <summary>Null: formatting then takes the usual width.</summary>
    public override PSHostRawUserInterface? RawUI => null;

    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected;

    public override void Write(string value) => Console.Out.Write(Plain(value));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Console.Out.Write(Plain(value));

    public override void WriteLine(string value) => Console.Out.WriteLine(Plain(value));

    public override void WriteErrorLine(string value) => Console.Error.WriteLine(value);

    public override void WriteDebugLine(string message) => Console.Error.WriteLine($"DEBUG: {message}");

    public override void WriteVerboseLine(string message) => Console.Error.WriteLine($"VERBOSE: {message}");

    public override void WriteWarningLine(string message) => Console.Error.WriteLine($"WARNING: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    /// <summary>Without colours where nobody sees them; leaving them out is the host's task.</summary>
    private string Plain(string value) => GetOutputString(value, SupportsVirtualTerminal);

    public override string ReadLine() => throw new NotSupportedException(NoInput);

    public override SecureString ReadLineAsSecureString() => throw new NotSupportedException(NoInput);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException(NoInput);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw new NotSupportedException(NoInput);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException(NoInput);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException(NoInput);
}
