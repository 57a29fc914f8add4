using System.Management.Automation.Host;

namespace KiroPool.Interactive;

/// <summary>The console of the process.</summary>
/// <param name="screen">Measures text.</param>
/// <param name="windows">The console of Windows; null on other systems.</param>
internal sealed class SystemTerminal(PSHostRawUserInterface screen, WindowsScreen? windows) : ITerminal
{
    public int Width => Positive(Console.WindowWidth, 80);

    public int Height => Positive(Console.WindowHeight, 24);

    public bool HasKey => Console.KeyAvailable;

    public ConsoleKeyInfo ReadKey() => windows?.TakeAltKey() ?? Console.ReadKey(intercept: true);

    public void Write(string text)
    {
        if (windows is not null)
        {
            windows.Write(text);
            return;
        }

        Console.Out.Write(text);
        Console.Out.Flush();
    }

    public int Cells(string text) => screen.LengthInBufferCells(text);

    // A terminal of unknown size reports 0.
    private static int Positive(int size, int otherwise) => size > 0 ? size : otherwise;
}
