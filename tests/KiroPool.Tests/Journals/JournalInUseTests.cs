using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Journals;

/// <summary>A journal that a running batch writes can be read meanwhile; a second batch cannot write it.</summary>
public sealed class JournalInUseTests : IDisposable
{
    private readonly JournalBench _bench = new();
    private readonly ModuleRunspace _other;

    public JournalInUseTests()
    {
        _other = new ModuleRunspace(_bench.Agent).Set("Journal", _bench.Journal);
        _other.StartWarm(1);
    }

    public void Dispose()
    {
        _other.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public void Results_are_imported_while_the_batch_runs()
    {
        using RunningScript batch = BeginBatch();

        Ran read = _other.Run("Import-KiroJournal $Journal").WithoutError();

        Assert.Equal("done", Assert.Single(read.Results).Prompt);
        batch.Stop();
    }

    [Fact]
    public void A_preview_reads_the_journal_while_the_batch_runs()
    {
        using RunningScript batch = BeginBatch();

        _other.Run("'done', '[[hang]]' | Invoke-KiroPrompt -JournalPath $Journal -Resume -WhatIf").WithoutError();

        batch.Stop();
    }

    [Fact]
    public void A_second_batch_is_refused_while_the_first_one_runs()
    {
        using RunningScript batch = BeginBatch();

        Assert.StartsWith("JournalInUse,", _other.Run("'done' | Invoke-KiroPrompt -JournalPath $Journal -Resume").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

        batch.Stop();
    }

    /// <summary>One prompt has its outcome, and another one does not end.</summary>
    private RunningScript BeginBatch()
    {
        RunningScript batch = _bench.Module.Begin("'done', '[[hang]]' | Invoke-KiroPrompt -JournalPath $Journal");
        Eventually.Holds(() => File.Exists(_bench.Journal) && new FileInfo(_bench.Journal).Length > 1000);
        return batch;
    }
}
