using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes.Windows;

public sealed class WindowsProgramsTests
{
    [Theory]
    [InlineData("kiro-cli", ".COM;.EXE;.BAT;.CMD", "kiro-cli.com,kiro-cli.exe,kiro-cli.bat,kiro-cli.cmd")]
    [InlineData("kiro-cli", ".CMD;.EXE", "kiro-cli.cmd,kiro-cli.exe")]
    [InlineData("kiro-cli", null, "kiro-cli.com,kiro-cli.exe,kiro-cli.bat,kiro-cli.cmd")]
    [InlineData("kiro-cli", " ", "kiro-cli.com,kiro-cli.exe,kiro-cli.bat,kiro-cli.cmd")]
    [InlineData("kiro-cli", ".JS; .exe ;;.VBS;.PS1;.CPL", "kiro-cli.exe")]
    [InlineData("agent-1.2", ".EXE", "agent-1.2.exe")]
    [InlineData("agent.EXE", ".EXE;.CMD", "agent.EXE,agent.EXE.exe,agent.EXE.cmd")]
    [InlineData("agent.ps1", ".EXE", "agent.ps1.exe")]
    [InlineData(".exe", ".EXE", ".exe.exe")]
    public void A_name_is_looked_up_with_the_extensions_of_PATHEXT_in_their_order(string name, string? extensions, string files) =>
        Assert.Equal(files.Split(','), WindowsPrograms.FileNames(name, extensions));

    [Theory]
    [InlineData(@"C:\x\agent.ps1", "-FilePath pwsh -ArgumentList '-NoProfile', '-File', 'C:\\x\\agent.ps1'")]
    [InlineData(@"C:\x\agent.js", "-FilePath node -ArgumentList")]
    [InlineData(@"C:\x\agent.py", "-FilePath python -ArgumentList")]
    [InlineData(@"C:\x\agent", "is not a program of Windows")]
    public void The_error_for_a_script_says_how_to_run_it(string path, string remedy)
    {
        AgentException failure = WindowsPrograms.NotStartable(path);

        Assert.Equal((FailureKind.ExecutableNotRunnable, path), (failure.Kind, failure.Value));
        Assert.Contains(remedy, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agent", "agent.ps1")]
    [InlineData("agent.ps1", "agent.ps1")]
    [InlineData("tool.js", "tool.js")]
    [InlineData("tool", null)]
    [InlineData("shim", null)]
    public void A_script_is_found_by_its_name(string name, string? file)
    {
        using var temp = new TempFolder();
        _ = temp.File("one/shim", "#!/bin/sh\n");
        _ = temp.File("two/agent.ps1");
        _ = temp.File("two/tool.js");

        string? found = WindowsPrograms.FindScript(name, [Path.Combine(temp.FullName, "one"), Path.Combine(temp.FullName, "two")]);

        Assert.Equal(file, Path.GetFileName(found));
    }

    [Theory]
    [InlineData(@"C:\a;C:\b", @"C:\a|C:\b")]
    [InlineData("""C:\a;"C:\Program Files\x"; ;;""", @"C:\a|C:\Program Files\x")]
    [InlineData(null, "")]
    public void A_folder_of_PATH_may_have_quotes(string? path, string folders) =>
        Assert.Equal(folders, string.Join('|', WindowsPrograms.Folders(path)));

    [Fact]
    public void A_program_is_known_by_its_first_letters()
    {
        using var temp = new TempFolder();

        Assert.True(WindowsPrograms.HasProgramHeader(temp.File("program", "MZ\0")));
        Assert.False(WindowsPrograms.HasProgramHeader(temp.File("script", "#!/bin/sh\n")));
        Assert.False(WindowsPrograms.HasProgramHeader(temp.File("empty")));
        Assert.False(WindowsPrograms.HasProgramHeader(Path.Combine(temp.FullName, "missing")));
    }
}
