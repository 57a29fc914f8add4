using System.Management.Automation;
using KiroPool.Commands;
using KiroPool.Pipeline;

namespace KiroPool.Tests.Journals;

public sealed class ResumedProgressTests
{
    [Fact]
    public void Outcomes_from_the_journal_do_not_shorten_the_time_left()
    {
        var progress = new BatchProgress(new InvokeKiroPromptCommand(), "test") { InputIsComplete = true };
        for (int i = 0; i < 10; i++)
            progress.Taken();
        for (int i = 0; i < 6; i++)
            progress.EndedEarlier(completed: true);

        Assert.Equal(-1, progress.Read(elapsedMilliseconds: 1000).SecondsRemaining);
        progress.Sent();
        progress.Ended(wasSent: true, completed: true);

        ProgressRecord record = progress.Read(elapsedMilliseconds: 10_000);
        Assert.Equal((70, 30), (record.PercentComplete, record.SecondsRemaining));
        Assert.StartsWith("7 done, 0 running, 3 queued, 0 failed", record.StatusDescription, StringComparison.Ordinal);
    }
}
