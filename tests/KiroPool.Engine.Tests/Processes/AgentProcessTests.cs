using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Processes;

/// <summary>The stop ladder on a process and a tree that only exist here.</summary>
public sealed class AgentProcessTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    /// <summary>Windows: the second grace would be waited for a signal that does not exist.</summary>
    [Fact]
    public async Task Where_no_signal_asks_a_process_to_end_no_grace_follows_the_first_one()
    {
        var child = new DeafChild();
        var tree = new DeafTree(child, hasSignal: false);

        await new AgentProcess(child, tree).StopAsync(new StopGraces(Short, TimeSpan.FromHours(1)), TimeProvider.System).InTime();

        Assert.True(child.InputIsClosed);
        Assert.Equal((1, 1), (tree.Signals, tree.Kills));
    }

    [Fact]
    public async Task Where_a_signal_asks_its_grace_passes_before_the_kill()
    {
        var child = new DeafChild();
        var tree = new DeafTree(child, hasSignal: true);
        Task stop = new AgentProcess(child, tree).StopAsync(new StopGraces(Short, TimeSpan.FromHours(1)), TimeProvider.System);
        await Eventually.HoldsAsync(() => tree.Signals == 1);
        Assert.Equal(0, tree.Kills);

        child.End();
        await stop.InTime();
        Assert.Equal((1, 0), (tree.Signals, tree.Kills));
    }

    [Fact]
    public async Task An_agent_gets_each_grace_again_after_a_pause_of_the_host()
    {
        var clock = new WatchedClock();
        var child = new DeafChild();
        var tree = new DeafTree(child, hasSignal: true);
        Task stop = new AgentProcess(child, tree).StopAsync(new StopGraces(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(2)), clock);

        await PauseAsync(TimeSpan.FromSeconds(12), timers: 1);
        await Eventually.HoldsAsync(() => tree.Signals == 1);
        await PauseAsync(TimeSpan.FromSeconds(2), timers: 3);

        await stop.InTime();
        Assert.Equal((1, 1), (tree.Signals, tree.Kills));

        async Task PauseAsync(TimeSpan grace, int timers)
        {
            await Eventually.HoldsAsync(() => clock.TimersSet == timers);
            (int Signals, int Kills) before = (tree.Signals, tree.Kills);
            clock.Advance(TimeSpan.FromHours(8));
            clock.Advance(grace - TimeSpan.FromMilliseconds(1));
            Assert.Equal(before, (tree.Signals, tree.Kills));
            Assert.Equal(timers + 1, clock.TimersSet);
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public async Task An_agent_that_ended_during_a_pause_of_the_host_gets_no_signal()
    {
        var clock = new WatchedClock();
        var child = new DeafChild();
        var tree = new DeafTree(child, hasSignal: true);
        Task stop = new AgentProcess(child, tree).StopAsync(new StopGraces(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(2)), clock);
        await Eventually.HoldsAsync(() => clock.TimersSet == 1);

        clock.Advance(TimeSpan.FromHours(8));
        child.End();

        await stop.InTime();
        Assert.Equal((0, 0), (tree.Signals, tree.Kills));
    }

    /// <summary>Windows: a job counts its last process for a moment after its end.</summary>
    [Fact]
    public async Task The_rest_of_a_tree_that_ends_a_moment_later_is_seen_although_the_clock_stands_still()
    {
        var child = new DeafChild();
        var tree = new DeafTree(child, hasSignal: true, lingers: 3);
        child.End();

        await new AgentProcess(child, tree).StopAsync(new StopGraces(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(2)), new FakeTimeProvider()).InTime();

        Assert.Equal((0, 0), (tree.Signals, tree.Kills));
    }

    [Fact]
    public void Memory_that_cannot_be_measured_is_unknown()
    {
        var child = new DeafChild();

        Assert.Null(new AgentProcess(child, new DeafTree(child, hasSignal: true)).ReadMemoryBytes());
    }

    /// <summary>A clock that counts how often a timer is set.</summary>
    private sealed class WatchedClock : FakeTimeProvider
    {
        private int _timersSet;

        public int TimersSet => Volatile.Read(ref _timersSet);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new WatchedTimer(this, base.CreateTimer(callback, state, dueTime, period));
            Count(dueTime);
            return timer;
        }

        private void Count(TimeSpan dueTime)
        {
            if (dueTime != Timeout.InfiniteTimeSpan)
                Interlocked.Increment(ref _timersSet);
        }

        private sealed class WatchedTimer(WatchedClock clock, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                bool changed = timer.Change(dueTime, period);
                clock.Count(dueTime);
                return changed;
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    private sealed class DeafChild : ChildProcess
    {
        private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly WatchedStream _input = new();

        public bool InputIsClosed => _input.IsClosed;

        public override int Id => -1;

        public override Stream Input => _input;

        public override Stream Output { get; } = new MemoryStream();

        public override Stream Error { get; } = new MemoryStream();

        public override Task<int> Exited => _exited.Task;

        public override bool HasEnded => Exited.IsCompleted;

        public void End() => _exited.TrySetResult(1);

        public override void Dispose()
        {
        }
    }

    private sealed class WatchedStream : MemoryStream
    {
        public volatile bool IsClosed;

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }

    /// <param name="child">The agent.</param>
    /// <param name="hasSignal">Whether a signal asks it to end.</param>
    /// <param name="lingers">How often the tree counts as alive after the agent has ended.</param>
    private sealed class DeafTree(DeafChild child, bool hasSignal, int lingers = 0) : AgentTree
    {
        private int _signals;
        private int _kills;
        private int _lingers = lingers;

        public int Signals => Volatile.Read(ref _signals);

        public int Kills => Volatile.Read(ref _kills);

        public override Task<bool> IsAliveAsync() => Task.FromResult(!child.HasEnded || Interlocked.Decrement(ref _lingers) >= 0);

        public override Task<bool> TerminateAsync()
        {
            Interlocked.Increment(ref _signals);
            return Task.FromResult(hasSignal);
        }

        public override Task KillAsync()
        {
            Interlocked.Increment(ref _kills);
            child.End();
            return Task.CompletedTask;
        }

        public override long? ReadMemoryBytes() => throw new IOException("Too many open files");
    }
}
