using System.Text;

namespace KiroPool.Simulator;

internal delegate void ByteWriter(ReadOnlySpan<byte> bytes);

/// <summary>The faults of one step of <c>chat</c>, where there are no frames.</summary>
internal sealed class TextFaults(Fault[] faults, FaultPoint at, ProcessEnd end, ByteWriter write)
{
    private const int MebiByte = 1024 * 1024;

    /// <summary>The account is throttled: a line on stderr, nothing on stdout, exit code 0.</summary>
    public bool RateLimit => faults.Any(fault => fault.Do == FaultKind.RateLimit);

    /// <summary>Another agent or model than was asked for, with a word on stderr at most.</summary>
    public bool SilentFallback => faults.Any(fault => fault.Do == FaultKind.SilentFallback);

    /// <summary>Bytes per write; 0 writes all at once.</summary>
    public int PieceBytes => faults.FirstOrDefault(fault => fault.Do == FaultKind.Split) is { } split ? split.Bytes ?? 1 : 0;

    /// <summary>A failure that is told on stderr.</summary>
    public Fault? Error => Array.Find(faults, fault => fault.Do == FaultKind.Error);

    public void Play()
    {
        foreach (Fault fault in faults)
            Play(fault);
    }

    private void Play(Fault fault)
    {
        switch (fault.Do)
        {
            case FaultKind.Crash:
                end.Crash(fault.Text ?? $"simulated crash at {at.Name()}", fault.Code ?? 1);
                break;
            case FaultKind.Error when at == FaultPoint.Start:
                end.Crash(fault.Text ?? "error: simulated error at start", fault.Code ?? 1);
                break;
            case FaultKind.Exit0:
                end.Exit(0);
                break;
            case FaultKind.Hang:
                Thread.Sleep(fault.Ms ?? (int)ProcessEnd.StubbornnessLimit.TotalMilliseconds);
                break;
            case FaultKind.Slow:
                Thread.Sleep(fault.Ms ?? 1000);
                break;
            case FaultKind.StderrFlood:
                StandardError.Flood(fault.Bytes ?? 10 * MebiByte);
                break;
            case FaultKind.HugeLine:
                write(Encoding.ASCII.GetBytes(new string('x', fault.Bytes ?? MebiByte)));
                break;
            case FaultKind.Garbage:
                // Control codes of every kind, and bytes that are no UTF-8.
                write([.. "\u001b]0;title\u0007\u001b[?25l\u001b[2K\u001b[1G\u001bP1$r\u001b\\"u8, 0x80, 0xC0, 0xAF]);
                break;
        }
    }
}
