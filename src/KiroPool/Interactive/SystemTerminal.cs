using System.Management.Automation.Host;

namespace KiroPool.Interactive;

/// <summary>The console of the process.</summary>
internal sealed class SystemTerminal(PSHostRawUserInterface screen) : ITerminal
{
    public int Width => Positive(Console.WindowWidth, 80);

    public int Height => Positive(Console.WindowHeight, 24);

    public bool HasKey => Console.KeyAvailable;

    public ConsoleKeyInfo ReadKey() => Console.ReadKey(intercept: true);

    public void Write(string text)
    {
        Console.Out.Write(text);
        Console.Out.Flush();
    }

    public int Cells(string text) => screen.LengthInBufferCells(text);

    // A terminal of unknown size reports 0.
    private static int Positive(int size, int otherwise) => size > 0 ? size : otherwise;
}
