using KiroPool.Engine.Agents;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Agents;

public sealed class GraceTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource _task = new();
    private readonly Grace _grace;

    public GraceTests() => _grace = new Grace(TimeSpan.FromSeconds(10), _clock);

    [Fact]
    public async Task Waits_share_it()
    {
        Task<bool> first = _grace.WaitAsync(_task.Task, TimeSpan.FromSeconds(4));
        Advance(4);
        Assert.False(await first.InTime());
        Assert.Equal(6, _grace.Left.TotalSeconds);

        Task<bool> second = _grace.WaitAsync(_task.Task);
        Advance(5.9);
        Assert.False(second.IsCompleted);
        Advance(0.1);
        Assert.False(await second.InTime());
        Assert.Equal(0, _grace.Left.TotalSeconds);
    }

    [Fact]
    public async Task A_task_that_ends_spends_what_it_took()
    {
        Task<bool> wait = _grace.WaitAsync(_task.Task);
        Advance(3);
        _task.SetResult();

        Assert.True(await wait.InTime());
        Assert.Equal(7, _grace.Left.TotalSeconds);
    }

    [Fact]
    public async Task A_host_that_stands_still_before_a_wait_spends_nothing()
    {
        Advance(60);
        Task<bool> wait = _grace.WaitAsync(_task.Task);
        Advance(9.9);
        Assert.False(wait.IsCompleted);
        _task.SetResult();

        Assert.True(await wait.InTime());
    }

    [Fact]
    public async Task A_host_that_stands_still_during_a_wait_spends_no_more_than_that_wait()
    {
        Task<bool> wait = _grace.WaitAsync(_task.Task, TimeSpan.FromSeconds(1));
        Advance(60);
        Advance(1);
        Assert.False(await wait.InTime());

        Assert.Equal(9, _grace.Left.TotalSeconds);
    }

    [Fact]
    public async Task The_exception_of_a_task_is_thrown()
    {
        _task.SetException(new IOException("no pipe"));

        await Assert.ThrowsAsync<IOException>(() => _grace.WaitAsync(_task.Task));
    }

    private void Advance(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));
}
