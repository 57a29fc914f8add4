using System.Runtime.InteropServices;

namespace KiroPool.Engine.Processes;

/// <summary>Asks the system what this user may do with a path. Mode bits alone do not tell: owner, group, lists and mounts count too.</summary>
internal static partial class UnixAccess
{
    private const int Existence = 0;
    private const int Execute = 1;
    private const int PermissionDenied = 13;

    /// <summary>Whether the user may run a file, or enter a directory.</summary>
    public static bool MayExecute(string path) => Ask(path, Execute) == 0;

    /// <summary>Whether a directory above keeps the user from seeing whether there is anything.</summary>
    public static bool IsHidden(string path) => Ask(path, Existence) != 0 && Marshal.GetLastPInvokeError() == PermissionDenied;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Ask(string path, int mode);
}
