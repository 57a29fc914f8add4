using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>
/// Keeps conversations as files, one JSON line per exchange, beside a lock file with the process id of the owner.
/// Without a directory it keeps nothing.
/// </summary>
internal sealed class SessionStore(string? directory, bool staleLocksBar)
{
    private const int NotPermitted = 1;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");

    private readonly Lock _lock = new();
    private readonly HashSet<string> _owned = [];

    public void Create(string id)
    {
        if (directory is null)
            return;
        Directory.CreateDirectory(directory);
        File.WriteAllText(Transcript(id), "");
        Own(id);
    }

    public void Append(string id, Exchange exchange)
    {
        lock (_lock)
        {
            // Closed or deleted while the turn ran.
            if (!_owned.Contains(id))
                return;
            ArrayBufferWriter<byte> line = new();
            using (Utf8JsonWriter json = new(line))
            {
                json.WriteStartObject();
                json.WriteString("prompt"u8, exchange.Prompt);
                json.WriteString("answer"u8, exchange.Answer);
                json.WriteEndObject();
            }
            line.Write("\n"u8);
            File.AppendAllBytes(Transcript(id), line.WrittenSpan);
        }
    }

    /// <returns>The conversation so far, or null for an unknown session.</returns>
    /// <exception cref="RpcException">It is active in another process.</exception>
    public List<Exchange>? Load(string id)
    {
        // The id becomes a file name.
        if (directory is null || id.AsSpan().ContainsAnyExcept(IdCharacters) || !File.Exists(Transcript(id)))
            return null;

        Own(id);
        List<Exchange> history = [];
        foreach (string line in File.ReadLines(Transcript(id)))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            history.Add(new Exchange(json.RootElement.String("prompt"), json.RootElement.String("answer")));
        }
        return history;
    }

    /// <summary>The transcript stays, and another process may have the session.</summary>
    public void Release(string id)
    {
        lock (_lock)
        {
            if (_owned.Remove(id))
                File.Delete(LockFile(id));
        }
    }

    public void Delete(string id)
    {
        lock (_lock)
        {
            if (!_owned.Remove(id))
                return;
            File.Delete(Transcript(id));
            File.Delete(LockFile(id));
        }
    }

    /// <summary>The stored conversations that have a turn, and their first prompts.</summary>
    public IReadOnlyList<(string Id, string? Title)> List()
    {
        if (directory is null || !Directory.Exists(directory))
            return [];
        List<(string, string?)> all = [];
        foreach (string file in Directory.EnumerateFiles(directory, "*.jsonl").Order(StringComparer.Ordinal))
        {
            if (File.ReadLines(file).FirstOrDefault() is not { } first)
                continue;
            using JsonDocument json = JsonDocument.Parse(first);
            all.Add((Path.GetFileNameWithoutExtension(file), json.RootElement.TryString("prompt")));
        }
        return all;
    }

    /// <summary>Removes a stored conversation, whether it is open here or not.</summary>
    public void Remove(string id)
    {
        if (directory is null || id.AsSpan().ContainsAnyExcept(IdCharacters))
            return;
        lock (_lock)
            _owned.Remove(id);
        File.Delete(Transcript(id));
        File.Delete(LockFile(id));
    }

    public void ReleaseAll()
    {
        lock (_lock)
        {
            foreach (string id in _owned)
                File.Delete(LockFile(id));
            _owned.Clear();
        }
    }

    private void Own(string id)
    {
        lock (_lock)
        {
            if (_owned.Contains(id))
                return;
            if (File.Exists(LockFile(id)))
            {
                _ = int.TryParse(File.ReadAllText(LockFile(id)), CultureInfo.InvariantCulture, out int owner);
                if (staleLocksBar || IsAlive(owner))
                    throw RpcException.Internal(string.Create(CultureInfo.InvariantCulture, $"Session is active in another process (PID {owner})"));
                File.Delete(LockFile(id));
            }
            // CreateNew: of two processes that both find the lock stale one must lose.
            try
            {
                using StreamWriter file = new(new FileStream(LockFile(id), FileMode.CreateNew));
                file.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                throw RpcException.Internal("Session is active in another process (PID 0)");
            }
            _owned.Add(id);
        }
    }

    private static bool IsAlive(int pid)
    {
        if (pid <= 0)
            return false;
        if (!OperatingSystem.IsWindows())
            return Libc.Kill(pid, 0) == 0 || Marshal.GetLastPInvokeError() == NotPermitted;
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private string Transcript(string id) => Path.Combine(directory!, id + ".jsonl");

    private string LockFile(string id) => Path.Combine(directory!, id + ".lock");
}
