using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>Runs work without the rights of root, who may enter every directory. A thread of Linux can have a user of its own.</summary>
internal static partial class UnprivilegedThread
{
    private const int Unchanged = -1;
    private const int Root = 0;
    private const int OtherUser = 65534;

    public static void Run(Action work)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            work();
            return;
        }

        Assert.SkipUnless(OperatingSystem.IsLinux(), "On macOS and Windows, a thread cannot give up the rights of an administrator.");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                SetUser(OtherUser);
                work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                SetUser(Root);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    // The functions of the C library change all threads; the system call changes the caller alone.
    private static void SetUser(int user)
    {
        long setresuid = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117;
        Assert.Equal(0, SystemCall(setresuid, user, user, Unchanged));
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long real, long effective, long saved);
}
