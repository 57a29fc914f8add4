using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

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

    private sealed class DeafTree(DeafChild child, bool hasSignal) : AgentTree
    {
        private int _signals;
        private int _kills;

        public int Signals => Volatile.Read(ref _signals);

        public int Kills => Volatile.Read(ref _kills);

        public override Task<bool> IsAliveAsync() => Task.FromResult(!child.HasEnded);

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

        public override long? ReadMemoryBytes() => null;
    }
}
