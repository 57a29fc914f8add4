using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Errors;
using KiroPool.Pipeline;

namespace KiroPool.Commands;

/// <content>What answers hold besides their text.</content>
public sealed partial class InvokeKiroPromptCommand
{
    /// <summary>A directory that gets the images, sounds and files of answers; it is made if it is missing. The blocks of Content say which file is theirs.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContentDirectory { get; set; }

    private ContentFiles? OpenContentDirectory()
    {
        if (ContentDirectory is null)
            return null;
        try
        {
            string path = SessionState.ResolveFile(ContentDirectory) ?? throw new IOException("It is not in the file system.");
            return new ContentFiles(Directory.CreateDirectory(path).FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Terminate(KiroErrors.Create(KiroException.ContentNotWritten(ContentDirectory, e)));
        }
    }
}
