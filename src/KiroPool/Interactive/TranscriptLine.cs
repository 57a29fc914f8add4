using System.Management.Automation;

namespace KiroPool.Interactive;

/// <summary>A line for Start-Transcript that the console does not show again: the host shows the message, which is empty, and records the text.</summary>
internal sealed class TranscriptLine : HostInformationMessage
{
    private readonly string _text;

    public TranscriptLine(string text)
    {
        _text = text;
        Message = "";
        NoNewLine = true;
    }

    public override string ToString() => _text;
}
