using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>A child that .NET starts (Unix).</summary>
internal sealed class RedirectedProcess : ChildProcess
{
    private readonly Process _process;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RedirectedProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        process.Exited += (_, _) => _exited.TrySetResult(process.ExitCode);

        // The event is not raised if the process ended before the handler was attached.
        if (process.HasExited)
            _exited.TrySetResult(process.ExitCode);
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refused.</exception>
    public static RedirectedProcess Start(ProcessStartInfo info)
    {
        var process = new Process { StartInfo = info, EnableRaisingEvents = true };
        try
        {
            process.Start();
        }
        catch
        {
            process.Dispose();
            throw;
        }

        if (OperatingSystem.IsLinux())
            LinuxPipe.Enlarge(process.StandardOutput.BaseStream);
        return new RedirectedProcess(process);
    }

    public override int Id { get; }

    public override Stream Input => _process.StandardInput.BaseStream;

    public override Stream Output => _process.StandardOutput.BaseStream;

    public override Stream Error => _process.StandardError.BaseStream;

    public override Task<int> Exited => _exited.Task;

    public override bool HasEnded => Exited.IsCompleted || UnixChild.HasEnded(Id);

    public override void Dispose()
    {
        // Process.Dispose does not close streams that were used.
        Output.Dispose();
        Error.Dispose();
        _process.Dispose();
    }
}
