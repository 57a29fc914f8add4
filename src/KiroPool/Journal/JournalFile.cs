using KiroPool.Errors;

namespace KiroPool.Journal;

/// <summary>The position of a line in the file, without its line feed.</summary>
internal readonly record struct JournalLine(int Number, long Offset, int Length);

/// <summary>
/// An append-only file of lines. A line is complete when its line feed is on the disk. Bytes after the last line feed come
/// from a crash or a full disk and are cut off. One thread writes; others may read lines meanwhile.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const int ScanBytes = 64 * 1024;

    private readonly FileStream _stream;
    private readonly string _path;
    private readonly bool _isNew;
    private long _end;

    private JournalFile(FileStream stream, string path, bool isNew)
    {
        _stream = stream;
        _path = path;
        _isNew = isNew;
    }

    /// <summary>Opens a journal and locks it against other writers.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="resume">Whether a journal may exist already. It need not exist.</param>
    /// <exception cref="KiroException">The journal exists and must not, is in use, or cannot be opened.</exception>
    public static JournalFile Open(string path, bool resume)
    {
        var options = new FileStreamOptions
        {
            Mode = resume ? FileMode.OpenOrCreate : FileMode.CreateNew,
            Access = FileAccess.ReadWrite,

            // On Unix only None excludes a second writer; a shared lock would admit it. Windows distinguishes readers from writers.
            Share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new JournalFile(new FileStream(path, options), path, isNew: !resume);
        }
        catch (IOException e) when (IsInUse(e))
        {
            throw KiroException.JournalInUse(path, e);
        }
        catch (IOException e) when (!resume && File.Exists(path))
        {
            throw KiroException.JournalExists(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw KiroException.JournalWriteFailed(path, $"cannot be opened for writing: {e.Message}", e);
        }
    }

    /// <summary>Opens a journal for reading. Another command may be writing it.</summary>
    /// <exception cref="KiroException">The journal cannot be read.</exception>
    public static JournalFile OpenToRead(string path)
    {
        try
        {
            return new JournalFile(UnlockedFile.OpenRead(path), path, isNew: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw KiroException.JournalUnreadable(path, e);
        }
    }

    /// <summary>Reads all complete lines. New lines are written after the last one.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IEnumerable<(JournalLine Line, ReadOnlyMemory<byte> Bytes)> ReadLines()
    {
        byte[] buffer = new byte[ScanBytes];
        int filled = 0;
        int searched = 0;
        int number = 0;
        long length = _stream.Length;
        long read = 0;
        _end = 0;
        while (true)
        {
            int feed = buffer.AsSpan(searched, filled - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                int lineLength = searched + feed;
                yield return (new JournalLine(++number, _end, lineLength), buffer.AsMemory(0, lineLength));
                _end += lineLength + 1;
                filled -= lineLength + 1;
                buffer.AsSpan(lineLength + 1, filled).CopyTo(buffer);
                searched = 0;
                continue;
            }

            searched = filled;
            if (filled == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            _stream.Position = read;
            int count = read < length ? _stream.Read(buffer, filled, (int)Math.Min(buffer.Length - filled, length - read)) : 0;
            if (count == 0)
                yield break;
            read += count;
            filled += count;
        }
    }

    /// <summary>Reads one line again.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public byte[] Read(JournalLine line)
    {
        // Not by way of the stream's position, which belongs to the writer.
        byte[] bytes = new byte[line.Length];
        for (int count = 0; count < bytes.Length;)
        {
            int more = RandomAccess.Read(_stream.SafeFileHandle, bytes.AsSpan(count), line.Offset + count);
            count += more > 0 ? more : throw new EndOfStreamException($"Line {line.Number} is not there any more.");
        }

        return bytes;
    }

    /// <summary>The number of bytes after the last complete line.</summary>
    public long TailLength => _stream.Length - _end;

    /// <summary>Reads the first bytes after the last complete line.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public byte[] ReadTail(int atMost) => Read(new JournalLine(0, _end, (int)Math.Min(atMost, TailLength)));

    /// <summary>Appends lines and flushes them to the disk, all at once.</summary>
    /// <exception cref="KiroException">They could not be written, none of them; what was written before is as it was.</exception>
    public void Append(IReadOnlyList<byte[]> lines)
    {
        try
        {
            // One write, line feeds and all, at the place where the last whole line ends: over a torn one.
            byte[] bytes = Join(lines);
            if (_stream.Length > _end)
                _stream.SetLength(_end);
            _stream.Position = _end;
            _stream.Write(bytes);
            _stream.Flush(flushToDisk: true);
            _end += bytes.Length;
        }
        catch (Exception e) when (IsWriteFailure(e))
        {
            CutOff();
            throw KiroException.JournalWriteFailed(_path, $"could not be written: {e.Message.Split(" (Parameter")[0]} All its lines are complete.", e);
        }
    }

    private static byte[] Join(IReadOnlyList<byte[]> lines)
    {
        byte[] bytes = new byte[lines.Sum(line => line.Length + 1)];
        int at = 0;
        foreach (byte[] line in lines)
        {
            line.CopyTo(bytes, at);
            at += line.Length + 1;
            bytes[at - 1] = (byte)'\n';
        }

        return bytes;
    }

    /// <summary>Deletes an unusable new journal, so that the same command can run again.</summary>
    public void Discard()
    {
        Dispose();
        if (!_isNew)
            return;
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is empty, and -Resume accepts it.
        }
    }

    public void Dispose() => _stream.Dispose();

    private void CutOff()
    {
        try
        {
            _stream.SetLength(_end);
        }
        catch (Exception e) when (IsWriteFailure(e))
        {
            // The next run finds no line feed at the end and cuts it off.
        }
    }

    // .NET throws an ArgumentException for a file that is too large for its file system or the user's limit.
    private static bool IsWriteFailure(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException;

    private static bool IsInUse(IOException e)
    {
        const int windowsSharingViolation = unchecked((int)0x80070020);
        const int linuxWouldBlock = 11;
        const int macWouldBlock = 35;
        return e.HResult == (OperatingSystem.IsWindows() ? windowsSharingViolation : OperatingSystem.IsMacOS() ? macWouldBlock : linuxWouldBlock);
    }
}
