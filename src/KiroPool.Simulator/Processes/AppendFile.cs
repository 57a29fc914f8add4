using System.Runtime.InteropServices;

namespace KiroPool.Simulator;

/// <summary>
/// A file many processes append to. <see cref="FileMode.Append"/> only seeks to the end once, so that
/// two writers overwrite each other; O_APPEND does not.
/// </summary>
internal sealed class AppendFile
{
    private readonly string _path;
    private readonly int _descriptor = -1;

    public AppendFile(string path)
    {
        _path = path;
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        if (OperatingSystem.IsWindows())
            return;
        _descriptor = Libc.Open(path, Libc.AppendFlags);
        if (_descriptor < 0)
            throw new IOException($"{path}: open failed with error {Marshal.GetLastPInvokeError()}");
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            using FileStream file = new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(bytes);
        }
        else if (Libc.Write(_descriptor, bytes, bytes.Length) != bytes.Length)
        {
            throw new IOException($"{_path}: write failed with error {Marshal.GetLastPInvokeError()}");
        }
    }
}
