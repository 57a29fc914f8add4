namespace KiroPool.Engine.Tests.Fakes;

/// <summary>A folder of one test, deleted when the test ends.</summary>
internal sealed class TempFolder : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("kiropool-test-").FullName;

    public string Folder(params string[] names) => Directory.CreateDirectory(Path.Combine([FullName, .. names])).FullName;

    /// <summary>Writes a file, or an executable program.</summary>
    public string File(string name, string text = "", bool isProgram = false)
    {
        string path = Path.GetFullPath(Path.Combine(FullName, name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        if (isProgram && !OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => Folders.Delete(FullName);
}
