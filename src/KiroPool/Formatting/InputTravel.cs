using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>What a piped object is to a prompt, and what a result carries of it as its <c>InputObject</c>.</summary>
internal static class InputTravel
{
    /// <summary>Serialized as its path: see Formatting/Serialization.</summary>
    internal const string FileTypeName = "KiroPool.InputFile";

    /// <summary>The object itself, without PowerShell's wrapper. The members of an object made by PowerShell are on its wrapper.</summary>
    public static object? Unwrap(PSObject? input) => input?.BaseObject is PSCustomObject ? input : input?.BaseObject;

    /// <summary>
    /// What a result carries. A file becomes a copy that jobs and remoting carry as its path, with what PowerShell had
    /// attached to it; the user's own object stays as it is.
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
