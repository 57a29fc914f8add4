using KiroPool.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Tests.Pipeline;

/// <summary>When a piece of work is accepted, read ahead and started.</summary>
public sealed class WorkQueueTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<TaskCompletionSource> _started = [];

    [Fact]
    public void Fast_work_is_accepted_only_if_it_can_start()
    {
        WorkQueue queue = Queue(atATime: 2);
        Add(queue, 2);
        Assert.False(Accepts(queue, waited: 0));

        End(queue, 0, after: 10);
        Assert.True(Accepts(queue, waited: 0));
        Add(queue, 1);
        Assert.Equal(3, _started.Count);

        // One piece in 10 ms is fast, however long this one waits.
        Assert.False(Accepts(queue, waited: 10_000));
    }

    [Fact]
    public void Slow_work_is_read_ahead_and_starts_in_turn()
    {
        WorkQueue queue = Queue(atATime: 2);
        Add(queue, 2);
        End(queue, 0, after: 1000);
        Add(queue, 1);

        Assert.False(Accepts(queue, waited: 49));
        Assert.True(Accepts(queue, waited: 50));
        Add(queue, 1);
        Assert.True(Accepts(queue, waited: 0));
        Add(queue, 5);
        Assert.Equal(3, _started.Count);

        End(queue, 1, after: 0);
        Assert.Equal(4, _started.Count);
    }

    [Fact]
    public void The_first_answer_may_take_longer()
    {
        WorkQueue queue = Queue(atATime: 1);
        Add(queue, 1);

        Assert.False(Accepts(queue, waited: 399));
        Assert.True(Accepts(queue, waited: 400));
    }

    [Fact]
    public void What_is_read_ahead_is_bounded_in_number_and_in_size()
    {
        WorkQueue queue = Queue(atATime: 1);
        Add(queue, 1 + 10_000);
        Assert.False(Accepts(queue, waited: 10_000));

        WorkQueue large = Queue(atATime: 1);
        Add(large, 1);
        Assert.True(large.Accepts(16 * 1024 * 1024, TimeSpan.FromSeconds(1)));
        Assert.False(large.Accepts((16 * 1024 * 1024) + 1, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Ordered_work_starts_no_further_than_the_window_after_the_first_unwritten_piece()
    {
        WorkQueue queue = Queue(atATime: 2, window: 4);
        Add(queue, 10);
        for (int piece = 1; piece < _started.Count; piece++)
            End(queue, piece, after: 1, nextInOrder: 0);
        Assert.Equal(4, _started.Count);

        End(queue, 0, after: 1, nextInOrder: 4);
        Assert.Equal(6, _started.Count);
    }

    private WorkQueue Queue(int atATime, int? window = null) => new(atATime, window, (work, number) => work(number), _ => { }, _time);

    private static bool Accepts(WorkQueue queue, int waited) => queue.Accepts(1, TimeSpan.FromMilliseconds(waited));

    private void Add(WorkQueue queue, int count)
    {
        for (int i = 0; i < count; i++)
        {
            queue.Add(_ =>
            {
                var piece = new TaskCompletionSource();
                _started.Add(piece);
                return piece.Task;
            }, 1);
        }
    }

    private void End(WorkQueue queue, int piece, int after, long? nextInOrder = null)
    {
        _time.Advance(TimeSpan.FromMilliseconds(after));
        _started[piece].SetResult();
        queue.Written(nextInOrder);
    }
}
