using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace KiroPool.Simulator;

/// <summary>
/// A file many processes append to. <see cref="FileMode.Append"/> only seeks to the end once, so that
/// two writers overwrite each other; O_APPEND does not. On Windows the writers take turns.
/// </summary>
internal sealed class AppendFile
{
    private readonly string _path;
    private readonly int _descriptor = -1;
    private readonly Mutex? _turn;

    public AppendFile(string path)
    {
        _path = path;
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        if (OperatingSystem.IsWindows())
        {
            // All processes that write the file find the mutex by this name.
            _turn = new Mutex(initiallyOwned: false, $"kiropool-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))}");
            return;
        }

        _descriptor = Libc.Open(path, Libc.AppendFlags);
        if (_descriptor < 0)
            throw new IOException($"{path}: open failed with error {Marshal.GetLastPInvokeError()}");
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_turn is not null)
            WriteInTurn(_turn, bytes);
        else if (!OperatingSystem.IsWindows() && Libc.Write(_descriptor, bytes, bytes.Length) != bytes.Length)
            throw new IOException($"{_path}: write failed with error {Marshal.GetLastPInvokeError()}");
    }

    private void WriteInTurn(Mutex turn, ReadOnlySpan<byte> bytes)
    {
        try
        {
            turn.WaitOne();
        }
        catch (AbandonedMutexException)
        {
            // The last writer was killed. The turn is ours all the same.
        }

        try
        {
            using FileStream file = new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            file.Write(bytes);
        }
        finally
        {
            turn.ReleaseMutex();
        }
    }
}
