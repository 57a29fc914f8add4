using System.Globalization;
using System.Text;

namespace KiroPool.Engine.Processes.Far;

/// <summary>
/// What a script on a far host reports, in lines of its stderr that begin with a word no agent knows. The rest of stderr is
/// the agent's, or the prefix's own.
/// </summary>
internal sealed class FarReport
{
    // No line of a script is longer.
    private const int MostLine = 200;

    private readonly byte[] _nonce;
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _pending = [];

    public FarReport(string nonce)
    {
        Nonce = nonce;
        _nonce = Encoding.ASCII.GetBytes(nonce + " ");
    }

    public string Nonce { get; }

    /// <summary>The first line that decides the start, such as <c>pgid 12</c> or <c>nodir missing</c>; empty when stderr ended without one.</summary>
    public Task<string> Decided => _first.Task;

    /// <summary>Whether the script has run at all.</summary>
    public bool WasHere { get; private set; }

    /// <summary>The group of the agent on its host; null until it runs.</summary>
    public int? GroupId { get; private set; }

    /// <summary>The agent's exit code; null until the far side has reported it.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Whether the script ended of itself, with nothing left of the agent.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Reads stderr to its end. Never throws.</summary>
    public async Task DrainAsync(Stream stderr, StderrTail tail)
    {
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await stderr.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                Read(buffer.AsSpan(0, count), tail);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The prefix is gone. Earlier output is kept.
        }

        tail.Append(_pending);
        _first.TrySetResult("");
    }

    internal void Read(ReadOnlySpan<byte> bytes, StderrTail tail)
    {
        byte[] all = [.. _pending, .. bytes];
        ReadOnlySpan<byte> left = all;
        while (left.IndexOf(_nonce) is >= 0 and var start)
        {
            // Before it in the same line may be the agent's, which had not ended it.
            int length = left[start..].IndexOf((byte)'\n');
            if (length < 0 && left.Length - start < MostLine)
            {
                tail.Append(left[..start]);
                _pending = left[start..].ToArray();
                return;
            }

            tail.Append(left[..start]);
            int end = length < 0 ? left.Length : start + length;
            Take(Encoding.ASCII.GetString(left[(start + _nonce.Length)..end]));
            left = left[Math.Min(end + 1, left.Length)..];
        }

        int kept = Beginning(left);
        tail.Append(left[..^kept]);
        _pending = left[^kept..].ToArray();
    }

    /// <summary>How many of the last bytes may be the beginning of the word.</summary>
    private int Beginning(ReadOnlySpan<byte> text)
    {
        for (int length = Math.Min(text.Length, _nonce.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(_nonce.AsSpan(0, length)))
                return length;
        }

        return 0;
    }

    private void Take(string line)
    {
        WasHere = true;
        string[] words = line.Split(' ', 2);
        int number = words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
        switch (words[0])
        {
            case "here":
                return;
            case "pgid" when number > 1:
                GroupId = number;
                break;
            case "exit":
                ExitCode = number;
                return;
            case "gone" or "nodir" or "noprogram" or "noenv":
                IsGone = true;
                break;
        }

        _first.TrySetResult(line);
    }
}
