using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>Commands without Start-KiroPool and without -FilePath: kiro-cli is found on PATH, which the tests set.</summary>
[Collection<Alone>]
public sealed class DefaultPoolTests : IDisposable
{
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");
    private readonly string _folder = Directory.CreateTempSubdirectory("kiropool-path-").FullName;
    private readonly ModuleRunspace _first;

    public DefaultPoolTests(FirstRunspace first)
    {
        _first = first.Runspace;
        Environment.SetEnvironmentVariable("PATH", _folder + Path.PathSeparator + _path);
    }

    public void Dispose()
    {
        _first.Run("Stop-KiroPool -Force").WithoutError();
        Environment.SetEnvironmentVariable("PATH", _path);
        Folders.Delete(_folder);
    }

    [Fact]
    public void The_first_prompt_of_the_first_runspace_starts_a_pool()
    {
        InstallKiroCli();

        Ran ran = _first.Run("'a', 'b' | Invoke-KiroPrompt -Verbose; Get-KiroPoolStats").WithoutError();

        Assert.Equal(["You said: a", "You said: b"], ran.Texts.Order());
        Assert.Contains(ran.Verbose, line => line.Contains("default options", StringComparison.Ordinal));
        Assert.InRange(ran.Values<PoolStatistics>().Single().ProcessesCreated, 1, 2);
    }

    [Theory]
    [InlineData("Get-KiroModel opus")]
    [InlineData("Invoke-KiroPrompt x -Model opus")]
    public void Completion_of_a_model_asks_kiro_cli_and_starts_no_pool(string typed)
    {
        InstallKiroCli();

        Ran ran = _first.Run($"(TabExpansion2 '{typed}').CompletionMatches.CompletionText; @(Get-KiroPool).Count").WithoutError();

        Assert.Equal(["claude-opus-4.5", "0"], ran.Output.Select(o => $"{o}"));
    }

    [Fact]
    public void Stopping_the_default_pool_ends_its_processes()
    {
        InstallKiroCli();
        int pid = _first.Run("Invoke-KiroPrompt 'a'").WithoutError().Result.ProcessId!.Value;
        Assert.True(LiveProcesses.IsAlive(pid));

        _first.Run("Stop-KiroPool").WithoutError();

        Assert.False(LiveProcesses.IsAlive(pid));
        Assert.StartsWith("PoolNotStarted,", _first.Run("Get-KiroPoolStats").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_start_that_was_not_asked_for_leaves_no_pool_and_does_not_block_the_next_start()
    {
        InstallKiroCli();
        Environment.SetEnvironmentVariable("KIROPOOL_SIMULATOR", """{ "signedIn": false }""");
        try
        {
            Assert.StartsWith("SignInRequired,", _first.Run("'a', 'b', 'c' | Invoke-KiroPrompt").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Empty(_first.Run("Get-KiroPool").WithoutError().Output);
            Assert.StartsWith("SignInRequired,", _first.Run("Start-KiroPool").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("KIROPOOL_SIMULATOR", null);
        }

        Assert.Equal(3, _first.Run("Start-KiroPool -MaxSize 3").WithoutError().Value<PoolInfo>().MaxSize);
        Assert.Equal("You said: x", _first.Run("Invoke-KiroPrompt 'x'").WithoutError().Result.Text);
    }

    [Fact]
    public void A_pool_that_a_prompt_started_gives_way_to_Start_KiroPool_unless_it_has_sessions()
    {
        InstallKiroCli();
        _first.Run("Invoke-KiroPrompt 'a'").WithoutError();

        Assert.Equal(3, _first.Run("Start-KiroPool -MaxSize 3").WithoutError().Value<PoolInfo>().MaxSize);
        Assert.StartsWith("PoolAlreadyStarted,", _first.Run("Start-KiroPool -MaxSize 4").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

        _first.Run("Stop-KiroPool; $null = New-KiroSession review").WithoutError();
        Assert.StartsWith("PoolAlreadyStarted,", _first.Run("Start-KiroPool -MaxSize 3").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(5, _first.Run("Start-KiroPool").WithoutError().Value<PoolInfo>().MaxSize);
    }

    [Fact]
    public void Get_KiroPool_starts_no_pool()
    {
        InstallKiroCli();

        Assert.Empty(_first.Run("Get-KiroPool").WithoutError().Output);
        Assert.StartsWith("PoolNotStarted,", _first.Run("Get-KiroPoolStats").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_KiroPoolStats_starts_no_pool()
    {
        InstallKiroCli();

        Assert.StartsWith("PoolNotStarted,", _first.Run("Get-KiroPoolStats").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_KiroPool_without_a_program_uses_kiro_cli_from_PATH()
    {
        string kiro = InstallKiroCli();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run("$Agent.Remove('FilePath'); $Agent.Remove('ArgumentList'); Start-KiroPool @Agent").WithoutError().Value<PoolInfo>();

        Assert.Equal(kiro, pool.FilePath);
        Assert.Equal("acp --agent-engine=v2", agent.Events.First(e => e.Event == "start").Text);
    }

    [Theory]
    [InlineData("Start-KiroPool", "StartKiroPool")]
    [InlineData("Invoke-KiroPrompt 'x'", "InvokeKiroPrompt")]
    public void Without_kiro_cli_the_error_lists_the_searched_places_and_the_remedy(string script, string command)
    {
        Environment.SetEnvironmentVariable("PATH", _folder);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] places = ["/usr/local/bin", "/usr/bin", Path.Combine(home, ".local", "bin"), "/opt/homebrew/bin"];
        Assert.SkipWhen(places.Any(place => File.Exists(Path.Combine(place, "kiro-cli"))), "kiro-cli is installed here.");

        ErrorRecord error = _first.Run(script).Error;

        Assert.Equal($"ExecutableNotFound,KiroPool.Commands.{command}Command", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal("kiro-cli", error.TargetObject);
        Assert.Contains("PATH", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(OperatingSystem.IsWindows() ? @"Programs\kiro-cli" : "/usr/local/bin", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("https://kiro.dev", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-FilePath", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    private string InstallKiroCli() => ProgramAlias.Create(_folder, "kiro-cli", Repository.Simulator);
}
