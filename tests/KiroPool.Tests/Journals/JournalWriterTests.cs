using System.Text;
using KiroPool.Errors;
using KiroPool.Journal;

namespace KiroPool.Tests.Journals;

/// <summary>A slow disk holds up no worker's thread, and what waits for it goes there together.</summary>
public sealed class JournalWriterTests
{
    private readonly List<string[]> _groups = [];
    private readonly SemaphoreSlim _disk = new(0);
    private Func<string, bool> _fits = _ => true;

    [Fact]
    public async Task Lines_that_come_while_the_disk_is_busy_go_there_together_and_in_order()
    {
        var writer = new JournalWriter(Append);
        Task<KiroException?> first = writer.AppendAsync(Line("0"));
        Eventually.Holds(() => Groups == 1);

        // None of these calls waits for the disk, which does nothing now.
        Task<KiroException?>[] others = [.. Enumerable.Range(1, 64).Select(i => writer.AppendAsync(Line($"{i}")))];
        Assert.DoesNotContain(others, write => write.IsCompleted);
        _disk.Release(2);

        Assert.All(await Task.WhenAll([first, .. others]), Assert.Null);
        Assert.Equal([1, 64], _groups.Select(group => group.Length));
        Assert.Equal(Enumerable.Range(0, 65).Select(i => $"{i}"), _groups.SelectMany(group => group));
    }

    [Fact]
    public async Task A_line_that_cannot_be_written_is_an_error_once_and_the_last_line()
    {
        _fits = line => line != "2";
        var writer = new JournalWriter(Append);
        Task<KiroException?> first = writer.AppendAsync(Line("0"));
        Eventually.Holds(() => Groups == 1);
        Task<KiroException?>[] others = [.. Enumerable.Range(1, 4).Select(i => writer.AppendAsync(Line($"{i}")))];
        _disk.Release(100);

        Assert.Null(await first);
        KiroException?[] errors = await Task.WhenAll(others);

        // The group is tried line by line: what has room before the error is written.
        Assert.Equal([false, true, false, false], errors.Select(error => error is not null));
        Assert.Equal(["0", "1"], _groups.Where(group => group.All(_fits)).SelectMany(group => group));
        Assert.True(writer.HasFailed);
        Assert.Null(await writer.AppendAsync(Line("5")));
        Assert.DoesNotContain("5", _groups.SelectMany(group => group));
    }

    [Fact]
    public async Task Closing_waits_for_what_was_taken_and_takes_no_more()
    {
        var writer = new JournalWriter(Append);
        Task<KiroException?> taken = writer.AppendAsync(Line("taken"));
        Task closed = Task.Run(writer.Close, TestContext.Current.CancellationToken);
        Eventually.Holds(() => Groups == 1);
        Assert.False(closed.IsCompleted);
        _disk.Release();

        await closed;
        Assert.Null(await taken);
        Assert.Null(await writer.AppendAsync(Line("late")));
        Assert.Equal(["taken"], _groups.SelectMany(group => group));
    }

    private int Groups
    {
        get
        {
            lock (_groups)
                return _groups.Count;
        }
    }

    private void Append(IReadOnlyList<byte[]> lines)
    {
        string[] group = [.. lines.Select(Encoding.UTF8.GetString)];
        lock (_groups)
            _groups.Add(group);
        _disk.Wait();
        if (!group.All(_fits))
            throw KiroException.JournalWriteFailed("path", "could not be written.");
    }

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text);
}
