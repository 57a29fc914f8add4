using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Text;

/// <summary>Joins a prompt and its attachments to one text.</summary>
internal static class PromptText
{
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>: a part has no plain-text form.</exception>
    public static string Of(TurnRequest request, string executable)
    {
        var text = new StringBuilder();
        foreach (PromptPart part in request.Parts)
        {
            text.Append(text.Length == 0 ? "" : "\n\n").Append(part switch
            {
                PromptPart.Text { Value: var value } => value,
                PromptPart.Link link => $"File: {link.HostPath ?? link.Path}",
                PromptPart.Image { IsOnlyHere: true } image => throw Acp.AcpContent.NotOnHost(image),
                PromptPart.Image image => $"File: {image.HostPath ?? image.Path}",
                PromptPart.Embedded { Path: var path, Content: var content } => $"{path}:\n\n{content}",
                _ => throw new AgentException(FailureKind.NotSupported, $"The protocols Chat and Delimited send only text and files, not {part.GetType().Name}. Use the protocol Acp."),
            });
        }

        bool isLiteral = KiroCliLocator.IsKiroCli(executable) && !request.IsSlashCommand;
        return isLiteral ? KiroExtensions.KeepLiteral(text.ToString()) : text.ToString();
    }
}
