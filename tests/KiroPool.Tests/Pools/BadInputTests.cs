using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>Each mistake has its own error about the user's value, with the remedy, and leaves no process.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("-MaxSize 0", "MaxSizeOutOfRange", 0)]
    [InlineData("-MaxSize 1001", "MaxSizeOutOfRange", 1001)]
    [InlineData("-MinSize 6 -MaxSize 5", "MinSizeOutOfRange", 6)]
    [InlineData("-MinSize -1", "MinSizeOutOfRange", -1)]
    [InlineData("-MaxStarting 0", "MaxStartingOutOfRange", 0)]
    [InlineData("-MaxUses -1", "MaxUsesOutOfRange", -1)]
    [InlineData("-IdleTimeoutSec -1", "IdleTimeoutOutOfRange", -1.0)]
    [InlineData("-MaxAgeSec 1e9", "MaxAgeOutOfRange", 1e9)]
    [InlineData("-CancelGraceSec -0.5", "CancelGraceOutOfRange", -0.5)]
    [InlineData("-StartTimeoutSec ([double]::NaN)", "StartTimeoutOutOfRange", double.NaN)]
    [InlineData("-SessionTimeoutSec -1", "SessionTimeoutOutOfRange", -1.0)]
    [InlineData("-IdleTimeoutSec 1e-9", "IdleTimeoutOutOfRange", 1e-9)]
    [InlineData("-MaxAgeSec 0.0009", "MaxAgeOutOfRange", 0.0009)]
    [InlineData("-StartTimeoutSec 1e-9", "StartTimeoutOutOfRange", 1e-9)]
    [InlineData("-SessionTimeoutSec 1e-9", "SessionTimeoutOutOfRange", 1e-9)]
    [InlineData("-CancelGraceSec 1e-9", "CancelGraceOutOfRange", 1e-9)]
    [InlineData("-StopGraceSec 1e-9", "StopGraceOutOfRange", 1e-9)]
    [InlineData("-KillGraceSec 1e-9", "KillGraceOutOfRange", 1e-9)]
    [InlineData("-MaxMemoryMB 1e-9", "MaxMemoryMBOutOfRange", 1e-9)]
    [InlineData("-HostName build1 -Port 0", "PortOutOfRange", 0)]
    [InlineData("-HostName build1 -Port 65536", "PortOutOfRange", 65536)]
    [InlineData("-ConnectingTimeout 0", "ConnectingTimeoutOutOfRange", 0)]
    public void A_limit_out_of_its_range(string parameters, string id, object value)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"Start-KiroPool @Agent {parameters}").Error;

        ShowsAs(error, id, ErrorCategory.InvalidArgument, value, id.Replace("OutOfRange", "", StringComparison.Ordinal));
        NothingRuns(module);
    }

    [Theory]
    [InlineData("-StartTimeoutSec 0", "StartTimeoutOutOfRange")]
    [InlineData("-SessionTimeoutSec 0", "SessionTimeoutOutOfRange")]
    public void A_limit_that_must_not_be_zero(string parameters, string id)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"Start-KiroPool @Agent {parameters}").Error;

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(0.0, error.TargetObject);
    }

    [Theory]
    [InlineData("-TimeoutSec -1", "TimeoutOutOfRange", -1.0)]
    [InlineData("-InactivityTimeoutSec -1", "InactivityTimeoutOutOfRange", -1.0)]
    [InlineData("-TimeoutSec 1e-9", "TimeoutOutOfRange", 1e-9)]
    [InlineData("-InactivityTimeoutSec 0.0004", "InactivityTimeoutOutOfRange", 0.0004)]
    [InlineData("-ThrottleLimit 0", "ThrottleLimitOutOfRange", 0)]
    [InlineData("-ThrottleLimit 1001", "ThrottleLimitOutOfRange", 1001)]
    public void A_limit_of_a_prompt_out_of_its_range(string parameters, string id, object value)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent").WithoutError();

        ErrorRecord error = module.Run($"'a', 'b' | Invoke-KiroPrompt {parameters}").Error;

        ShowsAs(error, id, ErrorCategory.InvalidArgument, value, id.Replace("OutOfRange", "", StringComparison.Ordinal));
        Assert.Empty(agent.Prompts);
    }

    [Fact]
    public void A_program_that_does_not_exist()
    {
        using var module = new ModuleRunspace();
        string missing = Path.GetFullPath("/no/such/agent");

        ShowsAs(module.Run("Start-KiroPool -FilePath /no/such/agent").Error, "ExecutableNotFound", ErrorCategory.ObjectNotFound, missing, missing);
        ShowsAs(module.Run("Start-KiroPool -FilePath no-such-agent").Error, "ExecutableNotFound", ErrorCategory.ObjectNotFound, "no-such-agent", "PATH");
        NothingRuns(module);
    }

    [Fact]
    public void A_file_that_is_not_a_program()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        string path = agent.File("notes.txt", "not a program").FullName;

        ShowsAs(module.Set("Path", path).Run("Start-KiroPool -FilePath $Path").Error, "ExecutableNotRunnable", ErrorCategory.PermissionDenied, path, OperatingSystem.IsWindows() ? "is not a program of Windows" : "chmod +x");
        ShowsAs(module.Run("Start-KiroPool -FilePath $Agent.WorkingDirectory").Error, "ExecutableNotRunnable", ErrorCategory.PermissionDenied, agent.Folder, "directory");
        NothingRuns(module);
    }

    [Fact]
    public void A_program_that_exits_at_once_shows_what_it_wrote()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"{InShell("echo the disk is full >&2; exit 3", "echo the disk is full>&2& exit 3")}; Start-KiroPool @Agent").Error;

        Assert.StartsWith("AgentStartFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OpenError, error.CategoryInfo.Category);
        Assert.Contains("the disk is full", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("exit code 3", error.ToString(), StringComparison.Ordinal);
        NothingRuns(module);
    }

    [Fact]
    public void A_program_without_ACP_is_ended_at_the_start_limit()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"{InShell("exec sleep 300", "ping -n 300 127.0.0.1 >nul")}; Start-KiroPool @Agent -StartTimeoutSec 0.5").Error;

        Assert.StartsWith("AgentStartTimedOut,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Contains("0.5 s", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, agent.LiveProcesses);
        NothingRuns(module);
    }

    [Fact]
    public void An_agent_without_a_sign_in()
    {
        using var agent = new SimulatedAgent(new { signedIn = false });
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("Start-KiroPool @Agent").Error;

        Assert.StartsWith("SignInRequired,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
        Assert.Contains("kiro-cli login", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        NothingRuns(module);
    }

    [Fact]
    public void A_directory_that_does_not_exist()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord start = module.Run("$broken = $Agent.Clone(); $broken.WorkingDirectory = '/no/such/place'; Start-KiroPool @broken").Error;
        ShowsAs(start, "WorkingDirectoryNotFound", ErrorCategory.ObjectNotFound, "/no/such/place", Path.GetFullPath("/no/such/place"));
        NothingRuns(module);

        ErrorRecord prompt = module.Run("Start-KiroPool @Agent | Out-Null; Invoke-KiroPrompt 'x' -WorkingDirectory missing").Error;
        ShowsAs(prompt, "WorkingDirectoryNotFound", ErrorCategory.ObjectNotFound, "missing", "missing");
        Assert.Empty(agent.Prompts);
    }

    [Theory]
    [InlineData("@{ 'A=B' = 'C' }", "A=B", "equals sign")]
    [InlineData("@{ '' = 'C' }", "", "without a name")]
    [InlineData("@{ \"A`0B\" = 'C' }", "A\0B", "zero character")]
    [InlineData("@{ TOKEN = \"s3cret`0x\" }", "TOKEN", "zero character")]
    [InlineData("@{ TOKEN = ConvertTo-SecureString s3cret -AsPlainText -Force }", "TOKEN", "ConvertFrom-SecureString -AsPlainText")]
    [InlineData("@{ TOKEN = [pscredential]::new('u', (ConvertTo-SecureString s3cret -AsPlainText -Force)) }", "TOKEN", "GetNetworkCredential")]
    [InlineData("@{ LIST = 'a', 'b' }", "LIST", "-join")]
    [InlineData("@{ MAP = @{ a = 1 } }", "MAP", "hashtable")]
    [InlineData("@{ OBJECT = [pscustomobject]@{ a = 1 } }", "OBJECT", "ConvertTo-Json")]
    [InlineData("@{ BLOCK = { 'a' } }", "BLOCK", "ScriptBlock")]
    public void A_variable_that_an_agent_cannot_be_given(string variables, string name, string message)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"$broken = $Agent.Clone(); $broken.Environment = {variables}; Start-KiroPool @broken").Error;

        ShowsAs(error, "EnvironmentInvalid", ErrorCategory.InvalidArgument, name, message);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
        NothingRuns(module);
    }

    [Fact]
    public void Variables_that_are_text_by_themselves_arrive_as_it_in_every_culture()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        string script = $$"""
            {{InShell("echo \"$NUMBER $FLAG $DAY $PLACE [$EMPTY] ${HOME-none}\" >&2; exit 3", "echo %NUMBER% %FLAG% %DAY% %PLACE%>&2& exit 3")}}
            $culture = [cultureinfo]::InvariantCulture.Clone()
            $culture.NumberFormat.NumberDecimalSeparator = ','
            [cultureinfo]::CurrentCulture = $culture
            $variables = @{ NUMBER = 1.5; FLAG = $true; DAY = [DayOfWeek]::Monday; PLACE = Get-Item $Agent.WorkingDirectory; EMPTY = ''; HOME = $null; 7 = 'seven' }
            $Agent.Environment = $variables
            Start-KiroPool @Agent
            """;

        Assert.Contains($"1.5 True Monday {agent.Folder}{(OperatingSystem.IsWindows() ? "" : " [] none")}", module.Run(script).Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_is_too_large_for_the_system()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no limit for the variables of a process.");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("$broken = $Agent.Clone(); $broken.Environment = @{ HUGE = 'x' * 200000 }; Start-KiroPool @broken").Error;

        ShowsAs(error, "EnvironmentTooLarge", ErrorCategory.LimitsExceeded, "HUGE", "@{ HUGE = $null }");
        NothingRuns(module);
    }

    [Theory]
    [InlineData("-Model gpt-99", "ModelNotFound", "gpt-99", "claude-haiku-4.5")]
    [InlineData("-Agent nobody", "AgentNotFound", "nobody", "kiro_planner")]
    public void An_agent_or_model_that_is_not_available(string parameters, string id, string value, string offered)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ShowsAs(module.Run($"Start-KiroPool @Agent {parameters}").Error, id, ErrorCategory.ObjectNotFound, value, offered);
        NothingRuns(module);

        ErrorRecord prompt = module.Run($"Start-KiroPool @Agent | Out-Null; 'x' | Invoke-KiroPrompt {parameters}").Error;
        ShowsAs(prompt, id, ErrorCategory.ObjectNotFound, "x", offered);
        Assert.Empty(agent.Prompts);
    }

    [Fact]
    public void A_prompt_that_is_empty()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent").WithoutError();

        ShowsAs(module.Run("Invoke-KiroPrompt ''").Error, "PromptEmpty", ErrorCategory.InvalidArgument, "", "empty");
        ShowsAs(module.Run("1..3 | Invoke-KiroPrompt -Prompt '  '").Error, "PromptEmpty", ErrorCategory.InvalidArgument, "  ", "empty");
        Assert.Empty(agent.Prompts);
    }

    [Fact]
    public void A_pool_that_was_stopped_meanwhile()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("$pool = Start-KiroPool @Agent; Stop-KiroPool; Invoke-KiroPrompt 'x' -Pool $pool").Error;

        ShowsAs(error, "PoolStopped", ErrorCategory.ResourceUnavailable, "x", "stopped");
    }

    private static void ShowsAs(ErrorRecord error, string id, ErrorCategory category, object target, string message)
    {
        Assert.StartsWith($"{id},KiroPool.Commands.", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal(target, error.TargetObject is PSObject wrapped ? wrapped.BaseObject : error.TargetObject);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    /// <summary>Makes the agent of a script the shell of the system with a command.</summary>
    private static string InShell(string unix, string windows) => OperatingSystem.IsWindows()
        ? $"$Agent.FilePath = $env:ComSpec; $Agent.ArgumentList = '/d', '/c', '{windows}'"
        : $"$Agent.FilePath = '/bin/sh'; $Agent.ArgumentList = '-c', '{unix}'";

    private static void NothingRuns(ModuleRunspace module) =>
        Assert.StartsWith("PoolNotStarted,", module.Run("Get-KiroPoolStats").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
}
