using System.Management.Automation;
using System.Management.Automation.Runspaces;
using KiroPool.Completion;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>Tab completion.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;

    public CompletionTests() => _module = new ModuleRunspace(_agent);

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Theory]
    [InlineData("Invoke-KiroPrompt x -Model claude-s", "claude-sonnet-4.5")]
    [InlineData("Invoke-KiroPrompt x -Model 'claude-s", "claude-sonnet-4.5")]
    [InlineData("Enter-KiroSession -Agent kiro_p", "kiro_planner")]
    [InlineData("Invoke-KiroPrompt x -Pool $myP", "$myPool")]
    [InlineData("Stop-KiroPool -Pool ", "$myPool")]
    public void A_running_pool_supplies_completions(string typed, string completed)
    {
        _module.Run("$myPool = Start-KiroPool @Agent").WithoutError();

        Assert.Equal([completed], Complete(typed));
    }

    [Fact]
    public void Without_a_pool_there_are_no_completions_and_no_start()
    {
        Assert.Empty(Complete("Invoke-KiroPrompt x -Model "));
        Assert.Equal(0, _agent.LiveProcesses);
    }

    [Fact]
    public void A_list_that_failed_is_asked_for_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no sh.");
        string folder = Directory.CreateTempSubdirectory("kiropool-completion-").FullName;
        try
        {
            string program = Path.Combine(folder, "kiro-cli");
            File.WriteAllText(program, $"#!/bin/sh\n[ -e '{folder}/works' ] || exit 1\necho '{{\"models\":[{{\"model_id\":\"model-one\"}}]}}'\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            string typed = $"Start-KiroPool -FilePath '{program}' -Model mod";
            Assert.Empty(Complete(typed));

            File.WriteAllText(Path.Combine(folder, "works"), "");
            Assert.Equal(["model-one"], Complete(typed));
        }
        finally
        {
            Folders.Delete(folder);
        }
    }

    [Fact]
    public void A_list_that_fails_after_Tab_has_stopped_waiting_is_asked_for_again()
    {
        object source = new();
        var late = new TaskCompletionSource<IReadOnlyList<KiroModel>>();
        Assert.Empty(ModelCompleter.Read(source, () => late.Task, TimeSpan.Zero));
        late.SetException(new AgentException(FailureKind.AgentError, "It ended."));

        Assert.Equal(["model-one"], ModelCompleter.Read(source, () => Task.FromResult<IReadOnlyList<KiroModel>>([new KiroModel { Id = "model-one" }]), TimeSpan.FromMinutes(1)));
    }

    private string[] Complete(string typed)
    {
        // The engine reads DefaultRunspace when it runs completers.
        Runspace? before = Runspace.DefaultRunspace;
        Runspace.DefaultRunspace = _module.Runspace;
        try
        {
            using var shell = PowerShell.Create();
            shell.Runspace = _module.Runspace;
            return [.. CommandCompletion.CompleteInput(typed, typed.Length, null, shell).CompletionMatches.Where(m => m.ResultType != CompletionResultType.ProviderItem).Select(m => m.CompletionText.Trim('\''))];
        }
        finally
        {
            Runspace.DefaultRunspace = before;
        }
    }
}
