using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Processes.Windows;

public sealed class NpmShimTests
{
    private const string Head = "@ECHO off\r\nGOTO start\r\n:find_dp0\r\nSET dp0=%~dp0\r\nEXIT /b\r\n:start\r\nSETLOCAL\r\nCALL :find_dp0\r\n";

    private const string Choice = "\r\nIF EXIST \"%dp0%\\node.exe\" (\r\n  SET \"_prog=%dp0%\\node.exe\"\r\n) ELSE (\r\n  SET \"_prog=node\"\r\n  SET PATHEXT=%PATHEXT:;.JS;=;%\r\n)\r\n\r\n";

    private const string Run = "endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & \"%_prog%\" ";

    [Fact]
    public void A_shim_of_a_script_gives_the_interpreter_and_the_script() =>
        AssertReads("node", "", @"node_modules\kiro\bin\cli.js", Head + Choice + Run + " \"%dp0%\\node_modules\\kiro\\bin\\cli.js\" %*\r\n");

    [Fact]
    public void Arguments_of_the_first_line_of_the_script_are_kept() =>
        AssertReads("node", "--no-warnings --max-old-space-size=8192", @"..\kiro\cli.js", Head + Choice + Run + "--no-warnings --max-old-space-size=8192 \"%dp0%\\..\\kiro\\cli.js\" %*\r\n");

    [Fact]
    public void A_shim_of_a_program_gives_the_program() =>
        AssertReads(null, "", @"node_modules\kiro\bin\kiro-cli.exe", Head + "\"%dp0%\\node_modules\\kiro\\bin\\kiro-cli.exe\"   %*\r\n");

    [Fact]
    public void The_form_of_npm_7_without_the_title_is_read() =>
        AssertReads("node", "", "a.js", Head + Choice + "\"%_prog%\"  \"%dp0%\\a.js\" %*\r\n");

    [Fact]
    public void The_form_of_later_versions_of_npm_6_is_read() =>
        AssertReads("node", "", "a.js", "@ECHO off\r\nSETLOCAL\r\nCALL :find_dp0\r\n" + Choice + "\"%_prog%\"  \"%dp0%\\a.js\" %*\r\nENDLOCAL\r\nEXIT /b %errorlevel%\r\n:find_dp0\r\nSET dp0=%~dp0\r\nEXIT /b\r\n");

    [Fact]
    public void The_form_of_npm_6_is_read() =>
        AssertReads(
            "node",
            "",
            @"node_modules\kiro\cli.js",
            "@IF EXIST \"%~dp0\\node.exe\" (\r\n  \"%~dp0\\node.exe\"  \"%~dp0\\node_modules\\kiro\\cli.js\" %*\r\n) ELSE (\r\n  @SETLOCAL\r\n  @SET PATHEXT=%PATHEXT:;.JS;=;%\r\n  node  \"%~dp0\\node_modules\\kiro\\cli.js\" %*\r\n)");

    [Theory]
    [InlineData("")]
    [InlineData("@echo off\r\necho hello\r\n")]
    [InlineData(Head + "@SET TOKEN=x\r\n" + Choice + Run + " \"%dp0%\\a.js\" %*\r\n")]
    [InlineData(Head + Choice + Run + " \"%dp0%\\a.js\" %*\r\ndel x\r\n")]
    [InlineData(Head + Choice + Run + " \"%dp0%\\a.js\" --flag %*\r\n")]
    [InlineData(Head + Choice + Run + " \"%dp0%\\%NAME%.js\" %*\r\n")]
    [InlineData(Head + Choice + Run + " a & \"%dp0%\\a.js\" %*\r\n")]
    [InlineData(Head + Choice + Run + " \"%dp0%\\a.js\"\r\n")]
    [InlineData(Head + Choice + Run + " \"%dp0%\\a.js\" %*\r\n" + Run + " \"%dp0%\\b.js\" %*\r\n")]
    [InlineData(Head + Choice + "\"%dp0%\\a.exe\" %*\r\n")]
    [InlineData(Head + Run + " \"%dp0%\\a.js\" %*\r\n")]
    [InlineData("IF EXIST \"%dp0%\\/bin/sh.exe\" (\r\n  SET \"_prog=%dp0%\\/bin/sh.exe\"\r\n)\r\n")]
    public void Any_other_batch_file_is_not_read(string text) => Assert.Null(NpmShim.TryRead(text));

    private static void AssertReads(string? interpreter, string arguments, string target, string text)
    {
        NpmShim shim = NpmShim.TryRead(text)!;

        Assert.Equal((interpreter, arguments, target), (shim.Interpreter, string.Join(' ', shim.Arguments), shim.Target));
        Assert.Equal(shim.Target, NpmShim.TryRead(text.ReplaceLineEndings("\n"))!.Target);
    }
}
