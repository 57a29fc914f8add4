using KiroPool.Engine.Kiro;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Kiro;

/// <summary>The search for a program on Windows, in real folders.</summary>
[Collection(nameof(ChangesEnvironment))]
public sealed class WindowsLocatorTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");
    private readonly string? _extensions = Environment.GetEnvironmentVariable("PATHEXT");

    public WindowsLocatorTests()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Only Windows has PATHEXT.");
        Environment.SetEnvironmentVariable("PATHEXT", ".COM;.EXE;.BAT;.CMD;.VBS;.JS");
    }

    [Fact]
    public void A_name_finds_the_batch_file_of_npm_and_not_its_shell_script()
    {
        _ = _temp.File("npm/kiro-cli", "#!/bin/sh\n");
        _ = _temp.File("npm/kiro-cli.ps1");
        string batch = _temp.File("npm/kiro-cli.cmd");
        Environment.SetEnvironmentVariable("PATH", Folder(batch));

        Assert.Equal(batch, KiroCliLocator.Locate("kiro-cli"));
        Assert.Equal(batch, KiroCliLocator.Locate("kiro-cli.cmd"));
        Assert.Equal(batch, KiroCliLocator.Locate(Path.Combine(Folder(batch), "kiro-cli")));
        Assert.Equal(batch, KiroCliLocator.Locate(@"npm\kiro-cli", _temp.FullName));
    }

    [Fact]
    public void The_extensions_are_tried_in_the_order_of_PATHEXT_folder_by_folder()
    {
        string batch = _temp.File("one/agent.cmd"), program = _temp.File("one/agent.exe"), later = _temp.File("two/agent.com");
        Environment.SetEnvironmentVariable("PATH", $"{Folder(program)};{Folder(later)}");
        Assert.Equal(program, KiroCliLocator.Locate("agent"));

        Environment.SetEnvironmentVariable("PATHEXT", ".CMD;.EXE");
        Assert.Equal(batch, KiroCliLocator.Locate("agent"));
    }

    [Fact]
    public void A_dot_in_a_name_is_no_extension()
    {
        string program = _temp.File("one/agent-1.2.exe");
        Environment.SetEnvironmentVariable("PATH", Folder(program));

        Assert.Equal(program, KiroCliLocator.Locate("agent-1.2"));
    }

    [Theory]
    [InlineData("agent.ps1", "-FilePath pwsh")]
    [InlineData("agent", "is not a program of Windows")]
    public void The_path_of_a_script_is_an_error_that_says_how_to_run_it(string name, string remedy)
    {
        string path = _temp.File(name, "#!/bin/sh\n");

        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate(path));

        Assert.Equal((FailureKind.ExecutableNotRunnable, path), (failure.Kind, failure.Value));
        Assert.Contains(remedy, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("agent.ps1")]
    [InlineData(@"one\agent")]
    public void A_script_that_is_meant_by_its_name_is_an_error_that_says_how_to_run_it(string name)
    {
        string script = _temp.File("one/agent.ps1");
        Environment.SetEnvironmentVariable("PATH", $"\"{Folder(script)}\"");

        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate(name, _temp.FullName));

        Assert.Equal((FailureKind.ExecutableNotRunnable, script), (failure.Kind, failure.Value));
        Assert.Contains("-FilePath pwsh", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_may_have_any_name_if_its_path_is_given()
    {
        string path = _temp.File("agent.bin", "MZ");

        Assert.Equal(path, KiroCliLocator.Locate(path));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Environment.SetEnvironmentVariable("PATHEXT", _extensions);
        _temp.Dispose();
    }

    private static string Folder(string file) => Path.GetDirectoryName(file)!;
}
