using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Pipeline;

namespace KiroPool.Commands;

/// <content>-Stream in a console: the answers flow as text.</content>
public sealed partial class InvokeKiroPromptCommand
{
    /// <summary>The console, if the output of the command goes nowhere else; else null, and updates are objects.</summary>
    private StreamedText? OpenScreen()
    {
        bool isShown = Stream
            && Host.Name == "ConsoleHost"
            && !Console.IsOutputRedirected
            && MyInvocation.CommandOrigin == CommandOrigin.Runspace
            && !MyInvocation.BoundParameters.ContainsKey("OutVariable")
            && StatementReading.IsShown(MyInvocation);
        if (!isShown)
            return null;
        bool hasColours = Host.UI.SupportsVirtualTerminal && string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR"));
        return new StreamedText(Host.UI, hasColours, isSingle: !HasInput);
    }
}
