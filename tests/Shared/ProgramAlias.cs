namespace KiroPool.Testing;

/// <summary>Another name for a program.</summary>
internal static class ProgramAlias
{
    /// <summary>
    /// Makes it: a link on Unix. On Windows, links need a right of their own, so there it is a batch file as npm writes it.
    /// </summary>
    /// <returns>Its path.</returns>
    public static string Create(string folder, string name, string program)
    {
        if (!OperatingSystem.IsWindows())
            return File.CreateSymbolicLink(Path.Combine(folder, name), program).FullName;
        string path = Path.Combine(folder, name + ".cmd");
        File.WriteAllText(path, NpmBatchFile(Path.GetRelativePath(folder, program)));
        return path;
    }

    /// <summary>The text that npm's cmd-shim writes for a program without an interpreter.</summary>
    public static string NpmBatchFile(string target) =>
        $"@ECHO off\r\nGOTO start\r\n:find_dp0\r\nSET dp0=%~dp0\r\nEXIT /b\r\n:start\r\nSETLOCAL\r\nCALL :find_dp0\r\n\"%dp0%\\{target}\"   %*\r\n";
}
