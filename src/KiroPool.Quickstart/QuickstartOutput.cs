using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace KiroPool.Quickstart;

/// <summary>Writes to the console, without a screen buffer and without input.</summary>
internal sealed class QuickstartOutput : PSHostUserInterface
{
    private const string NoInput = "The quickstart has no input.";

    /// <summary>Null, so that formatting uses the default width.</summary>
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

    /// <summary>Removes colours for redirected output, which is the task of the host.</summary>
    private string Plain(string value) => GetOutputString(value, SupportsVirtualTerminal);

    public override string ReadLine() => throw new NotSupportedException(NoInput);

    public override SecureString ReadLineAsSecureString() => throw new NotSupportedException(NoInput);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException(NoInput);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw new NotSupportedException(NoInput);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException(NoInput);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException(NoInput);
}
