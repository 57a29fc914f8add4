using System.Globalization;
using System.Management.Automation;

namespace KiroPool.Pipeline;

/// <summary>The progress bar of a command that waits for one thing, shown after half a second.</summary>
/// <param name="cmdlet">Shows it.</param>
/// <param name="activity">Its title: the name of the cmdlet.</param>
/// <param name="readStatus">What it waits for now.</param>
internal sealed class WaitProgress(Cmdlet cmdlet, string activity, Func<string> readStatus)
{
    private const long Between = 200;
    private const long FirstAfter = 500;

    private readonly int _id = BatchProgress.NextId();
    private readonly long _begunAt = Environment.TickCount64;
    private long _shownAt = Environment.TickCount64 + FirstAfter - Between;
    private bool _isShown;

    /// <summary>Updates the bar if an update is due. Called on the pipeline thread.</summary>
    public void Show()
    {
        long now = Environment.TickCount64;
        if (now - _shownAt < Between)
            return;
        _shownAt = now;
        _isShown = true;
        cmdlet.WriteProgress(new ProgressRecord(_id, activity, string.Create(CultureInfo.InvariantCulture, $"{readStatus()}, {(now - _begunAt) / 1000} s")));
    }

    /// <summary>Removes the bar. Called on the pipeline thread.</summary>
    public void End()
    {
        if (!_isShown)
            return;
        _isShown = false;
        try
        {
            cmdlet.WriteProgress(new ProgressRecord(_id, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
        catch (Exception e) when (e is PipelineStoppedException or InvalidOperationException)
        {
            // After Ctrl+C the host removes the bar itself.
        }
    }
}
