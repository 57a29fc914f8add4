using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>Unwraps piped objects and makes the <c>InputObject</c> of a result.</summary>
internal static class InputTravel
{
    /// <summary>Serialized as its path: see Formatting/Serialization.</summary>
    internal const string FileTypeName = "KiroPool.InputFile";

    /// <summary>Returns the object without PowerShell's wrapper. An object made by PowerShell keeps it, because it has the members.</summary>
    public static object? Unwrap(PSObject? input) => input?.BaseObject is PSCustomObject ? input : input?.BaseObject;

    /// <summary>
    /// Returns the <c>InputObject</c> of a result. A file becomes a copy with PowerShell's notes, which jobs and remoting
    /// serialize as its path. The user's own object does not change.
    /// </summary>
    public static object? ForResult(object? input) => input switch
    {
        FileInfo file => Copy(file, new FileInfo(file.FullName)),
        DirectoryInfo directory => Copy(directory, new DirectoryInfo(directory.FullName)),
        object?[] many => Array.ConvertAll(many, ForResult),
        _ => input,
    };

    private static FileSystemInfo Copy(FileSystemInfo original, FileSystemInfo copy)
    {
        PSObject wrapped = PSObject.AsPSObject(copy);
        wrapped.TypeNames.Insert(0, FileTypeName);
        foreach (PSPropertyInfo note in PSObject.AsPSObject(original).Properties)
        {
            if (note is PSNoteProperty { IsInstance: true })
                wrapped.Properties.Add(note.Copy() as PSPropertyInfo);
        }

        return copy;
    }
}
