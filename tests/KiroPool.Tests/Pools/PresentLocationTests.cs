using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>Prompts work where the user is, unless the pool or the command names a directory.</summary>
public sealed class PresentLocationTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;
    private readonly string _one;
    private readonly string _two;

    public PresentLocationTests()
    {
        _module = new ModuleRunspace(_agent);
        _one = Directory.CreateDirectory(Path.Combine(_agent.Folder, "one")).FullName;
        _two = Directory.CreateDirectory(Path.Combine(_agent.Folder, "two")).FullName;
        _module.Set("One", _one).Set("Two", _two).Run("$Fixed = $Agent.Clone(); $Agent.Remove('WorkingDirectory'); Set-Location $One").WithoutError();
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public void A_prompt_runs_in_the_present_location_and_not_where_the_pool_was_started()
    {
        PoolInfo pool = _module.Run("Start-KiroPool @Agent").WithoutError().Value<PoolInfo>();
        Assert.Equal((_one, true), (pool.WorkingDirectory, pool.FollowsLocation));

        Ran ran = _module.Run("Invoke-KiroPrompt 'a'; Set-Location $Two; Invoke-KiroPrompt 'b'; Set-Location $One; Invoke-KiroPrompt 'c'").WithoutError();

        Assert.Equal([_one, _two, _one], ran.Results.Select(result => result.WorkingDirectory));
        Assert.Equal(ran.Results[0].ProcessId, ran.Results[2].ProcessId);
        Assert.NotEqual(ran.Results[0].ProcessId, ran.Results[1].ProcessId);
    }

    [Fact]
    public void A_directory_of_the_pool_holds_for_all_prompts()
    {
        PoolInfo pool = _module.Run("Start-KiroPool @Fixed").WithoutError().Value<PoolInfo>();

        PromptResult result = _module.Run("Set-Location $Two; Invoke-KiroPrompt 'a'").WithoutError().Result;

        Assert.Equal((_agent.Folder, false), (pool.WorkingDirectory, pool.FollowsLocation));
        Assert.Equal(_agent.Folder, result.WorkingDirectory);
    }

    [Fact]
    public void A_directory_of_the_prompt_holds_for_it_alone()
    {
        Ran ran = _module.Run("$null = Start-KiroPool @Agent; Invoke-KiroPrompt 'a' -WorkingDirectory $Two; Invoke-KiroPrompt 'b'").WithoutError();

        Assert.Equal([_two, _one], ran.Results.Select(result => result.WorkingDirectory));
        Assert.Equal(_one, _module.Run("Get-KiroPool").Value<PoolInfo>().WorkingDirectory);
    }

    [Fact]
    public void The_warm_agents_follow_to_the_directory_of_the_latest_prompt()
    {
        _module.Run("$null = Start-KiroPool @Agent -MaxSize 1; Set-Location $Two; $null = Invoke-KiroPrompt 'a'").WithoutError();

        Assert.Equal(_two, _module.Run("Get-KiroPool").Value<PoolInfo>().WorkingDirectory);
        Assert.Equal([_two], _module.Statistics().Processes.Select(process => process.WorkingDirectory).Distinct());
    }

    [Fact]
    public void Another_location_outside_the_file_system_keeps_the_last_directory()
    {
        Assert.Equal(_one, _module.Run("$null = Start-KiroPool @Agent; Set-Location Variable:; Invoke-KiroPrompt 'a'").WithoutError().Result.WorkingDirectory);
    }

    [Fact]
    public void A_location_that_was_deleted_is_an_error_and_not_another_directory()
    {
        _module.Run("$null = Start-KiroPool @Agent; Set-Location $Two").WithoutError();
        Directory.Delete(_two);

        Assert.StartsWith("WorkingDirectoryNotFound,", _module.Run("Invoke-KiroPrompt 'a'").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);
    }

    [Fact]
    public void A_session_keeps_the_location_in_which_it_was_created()
    {
        _module.Run("$null = Start-KiroPool @Agent; Set-Location $Two; $null = New-KiroSession review; $null = Invoke-KiroPrompt 'a' -Session other; Set-Location $One").WithoutError();

        Ran ran = _module.Run("Invoke-KiroPrompt 'b' -Session review; Invoke-KiroPrompt 'c' -Session other").WithoutError();

        Assert.Equal([_two, _two], ran.Results.Select(result => result.WorkingDirectory));
    }

    [Fact]
    public void Parallel_runspaces_use_the_callers_location()
    {
        Ran ran = _module.Run("$pool = Start-KiroPool @Agent; Set-Location $Two; 1..2 | ForEach-Object -Parallel { Import-Module $using:Manifest; Invoke-KiroPrompt \"$_\" -Pool $using:pool }").WithoutError();

        Assert.Equal([_two, _two], ran.Results.Select(result => result.WorkingDirectory));
    }

    [Fact]
    public void WhatIf_names_the_present_location_and_moves_no_agent()
    {
        _module.Run("$null = Start-KiroPool @Agent; Set-Location $Two; Invoke-KiroPrompt 'a' -WhatIf").WithoutError();

        Assert.Equal(_one, _module.Run("Get-KiroPool").Value<PoolInfo>().WorkingDirectory);
    }
}
