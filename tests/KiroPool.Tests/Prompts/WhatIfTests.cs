using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>-WhatIf and its preference: the command shows what it would do and does nothing.</summary>
public sealed class WhatIfTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ScriptedHost _host = new();
    private readonly ModuleRunspace _module;

    public WhatIfTests() => _module = new ModuleRunspace(_agent, _host).Set("Folder", _agent.Folder);

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Theory]
    [InlineData("-WhatIf", "")]
    [InlineData("", "$WhatIfPreference = $true; ")]
    public void Prompts_are_counted_and_not_sent(string parameter, string preference)
    {
        _agent.File("a.txt", "abc");
        _module.Run("$null = Start-KiroPool @Agent -Agent kiro_default").WithoutError();

        Ran ran = _module.Run($"{preference}'one', (Get-Item $Folder/a.txt), '' | Invoke-KiroPrompt 'Explain' -JournalPath $Folder/j.jsonl {parameter}").WithoutError();

        Assert.Empty(ran.Output);
        Assert.Empty(_agent.Prompts);
        Assert.False(File.Exists(Path.Combine(_agent.Folder, "j.jsonl")));
        Assert.Contains("Send 2 prompts (17 characters and 1 file; 1 blank input is skipped)", _host.Screen, StringComparison.Ordinal);
        Assert.Contains("agent 'kiro_default'", _host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_in_the_journal_are_not_counted()
    {
        _module.Run("$null = Start-KiroPool @Agent; 1..3 | Invoke-KiroPrompt -JournalPath $Folder/j.jsonl").WithoutError();
        byte[] before = File.ReadAllBytes(Path.Combine(_agent.Folder, "j.jsonl"));

        _module.Run("1..5 | Invoke-KiroPrompt -JournalPath $Folder/j.jsonl -Resume -WhatIf").WithoutError();

        Assert.Contains("Send 2 prompts (2 characters; 3 more are in the journal)", _host.Screen, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(_agent.Folder, "j.jsonl")));
        Assert.Equal(3, _agent.Prompts.Count);
    }

    [Fact]
    public void Invalid_inputs_are_still_errors()
    {
        _module.Run("$null = Start-KiroPool @Agent").WithoutError();

        Ran ran = _module.Run("'a', '' | Invoke-KiroPrompt -WhatIf");

        Assert.StartsWith("PromptEmpty,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Send 1 prompt (1 character)", _host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_creates_no_session()
    {
        _module.Run("$null = Start-KiroPool @Agent; 'a' | Invoke-KiroPrompt -Session s -WhatIf; New-KiroSession t -WhatIf").WithoutError();

        Assert.Empty(_module.Run("Get-KiroSession").Output);
        Assert.Contains("a new session 's'", _host.Screen, StringComparison.Ordinal);
        Assert.Contains("Make the session", _host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_is_neither_started_nor_replaced()
    {
        Ran none = _module.Run("$WhatIfPreference = $true; Start-KiroPool @Agent").WithoutError();
        Assert.Empty(none.Output);
        Assert.Equal(0, _agent.LiveProcesses);
        Assert.Contains("Start a pool", _host.Screen, StringComparison.Ordinal);

        PoolInfo pool = _module.Run("$WhatIfPreference = $false; Start-KiroPool @Agent").WithoutError().Value<PoolInfo>();
        _module.Run("$WhatIfPreference = $true; Start-KiroPool @Agent -MaxSize 3 -Force").WithoutError();

        Assert.Contains("Replace the pool", _host.Screen, StringComparison.Ordinal);
        Assert.Equal("Running", pool.State);
        Assert.Same(pool, _module.Run("Start-KiroPool @Agent").WithoutError().Value<PoolInfo>());
        _module.Run("$WhatIfPreference = $false").WithoutError();
    }

    [Fact]
    public void A_declined_prompt_is_not_sent()
    {
        _module.Run("$null = Start-KiroPool @Agent").WithoutError();
        _host.Type("Y");
        _host.Type("N");
        _host.Type("Y");

        Ran ran = _module.Run("1..3 | Invoke-KiroPrompt -Confirm -ThrottleLimit 1").WithoutError();

        Assert.Equal(["1", "3"], _agent.Prompts);
        Assert.Equal([0, 2], ran.Results.Select(result => result.Index));
    }
}
