using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

/// <summary>Which command lines of pwsh are without a user.</summary>
public sealed class PwshCommandLineTests
{
    [Theory]
    [InlineData("-NonInteractive", true)]
    [InlineData("-noni -File x.ps1", true)]
    [InlineData("/NonInteractive -c Enter-KiroSession", true)]
    [InlineData("--noninteractive", true)]
    [InlineData("-NoProfile -ExecutionPolicy Bypass -NonInteractive -File x.ps1", true)]
    [InlineData("-ep Bypass -wd /srv -o Text -if Text -w Hidden -noni -c x", true)]
    [InlineData("-config x -cus pipe -settings s.json -NonInteractive", true)]
    [InlineData("", false)]
    [InlineData("-NoProfile -NoExit", false)]
    [InlineData("-non", false)]
    [InlineData("-File x.ps1 -NonInteractive", false)]
    [InlineData("x.ps1 -NonInteractive", false)]
    [InlineData("-Command Enter-KiroSession -NonInteractive", false)]
    [InlineData("-cwa 'x' -NonInteractive", false)]
    [InlineData("-e AAAA -NonInteractive", false)]
    [InlineData("-WorkingDirectory -NonInteractive", false)]
    [InlineData("- -NonInteractive", false)]
    public void The_words_are_read_as_pwsh_reads_them(string words, bool isNonInteractive) =>
        Assert.Equal(isNonInteractive, PwshCommandLine.IsNonInteractive(words.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
