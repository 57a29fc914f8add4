using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KiroPool.Engine.Processes;

/// <summary>
/// A child that is started by CreateProcess itself. .NET starts no process in a job, gives a child every inheritable
/// handle of the host, and reads its pipes with blocking threads.
/// </summary>
internal sealed unsafe partial class WindowsProcess : ChildProcess
{
    private const uint ExtendedStartupInfo = 0x0008_0000;
    private const uint UnicodeEnvironment = 0x400;

    // A console of its own, so that the user's Ctrl+C does not reach the agent, and without a window.
    private const uint NoWindow = 0x0800_0000;

    private readonly ProcessHandle _handle;
    private readonly WindowsPipe _input;
    private readonly WindowsPipe _output;
    private readonly WindowsPipe _error;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RegisteredWaitHandle _wait;

    private WindowsProcess(ProcessInformation started, WindowsPipe input, WindowsPipe output, WindowsPipe error)
    {
        Id = started.ProcessId;
        _handle = new ProcessHandle(started.Process);
        (_input, _output, _error) = (input, output, error);

        // One thread of the runtime waits for 63 processes.
        _wait = ThreadPool.RegisterWaitForSingleObject(_handle, (_, _) => _exited.TrySetResult(_handle.ExitCode), null, Timeout.Infinite, executeOnlyOnce: true);
    }

    /// <summary>Starts a program in a job.</summary>
    /// <param name="start">The program and its command line.</param>
    /// <param name="workingDirectory">Its directory.</param>
    /// <param name="environment">All its variables; null removes one.</param>
    /// <param name="job">The job.</param>
    /// <exception cref="Win32Exception">Windows refused.</exception>
    public static WindowsProcess Start(WindowsStart start, string workingDirectory, IDictionary<string, string?> environment, JobObject job)
    {
        var pipes = new List<WindowsPipe>(3);
        try
        {
            pipes.Add(WindowsPipe.ToChild());
            pipes.Add(WindowsPipe.FromChild());
            pipes.Add(WindowsPipe.FromChild());
            ProcessInformation started = Create(start, workingDirectory, environment, job, pipes);
            _ = CloseHandle(started.Thread);
            foreach (WindowsPipe pipe in pipes)
                pipe.Childs.Dispose();
            return new WindowsProcess(started, pipes[0], pipes[1], pipes[2]);
        }
        catch
        {
            foreach (WindowsPipe pipe in pipes)
                pipe.Dispose();
            throw;
        }
    }

    public override int Id { get; }

    public override Stream Input => _input.Ours;

    public override Stream Output => _output.Ours;

    public override Stream Error => _error.Ours;

    public override Task<int> Exited => _exited.Task;

    public override bool HasEnded => Exited.IsCompleted || _handle.WaitOne(0);

    public override void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
        _error.Dispose();

        // The callback of the wait reads the exit code from the handle.
        if (Exited.IsCompleted)
            Close();
        else
            _ = Exited.ContinueWith(_ => Close(), TaskScheduler.Default);
    }

    private void Close()
    {
        _ = _wait.Unregister(null);
        _handle.Dispose();
    }

    private static ProcessInformation Create(WindowsStart start, string workingDirectory, IDictionary<string, string?> environment, JobObject job, List<WindowsPipe> pipes)
    {
        using var attributes = new StartupAttributes(job, pipes[0].Childs, pipes[1].Childs, pipes[2].Childs);

        // CreateProcess may write into the command line.
        char[] commandLine = [.. start.CommandLine, '\0'];
        fixed (char* line = commandLine, block = WindowsCommandLine.EnvironmentBlock(environment))
        {
            const uint flags = ExtendedStartupInfo | UnicodeEnvironment | NoWindow;
            if (CreateProcess(start.Program, line, 0, 0, inheritHandles: true, flags, block, workingDirectory, attributes.Info, out ProcessInformation started))
                return started;
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("kernel32", EntryPoint = "CreateProcessW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateProcess(
        string program,
        char* commandLine,
        nint processSecurity,
        nint threadSecurity,
        [MarshalAs(UnmanagedType.Bool)] bool inheritHandles,
        uint flags,
        char* environment,
        string directory,
        nint startupInfo,
        out ProcessInformation information);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CloseHandle(nint handle);

    private struct ProcessInformation
    {
        public nint Process;
        public nint Thread;
        public int ProcessId;
        public int ThreadId;
    }

    /// <summary>The handle of a process, to wait for. It is signalled when the process has ended.</summary>
    private sealed partial class ProcessHandle : WaitHandle
    {
        public ProcessHandle(nint handle) => SafeWaitHandle = new SafeWaitHandle(handle, ownsHandle: true);

        public int ExitCode => GetExitCode(SafeWaitHandle, out uint code) ? (int)code : -1;

        [LibraryImport("kernel32", EntryPoint = "GetExitCodeProcess", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static partial bool GetExitCode(SafeWaitHandle process, out uint code);
    }
}
