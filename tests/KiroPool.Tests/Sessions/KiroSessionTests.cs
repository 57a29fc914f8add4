using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Sessions;

/// <summary>Named conversations for scripts.</summary>
public sealed class KiroSessionTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;

    public KiroSessionTests()
    {
        _module = new ModuleRunspace(_agent);
        _module.StartWarm(2);
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public void A_session_is_created_used_shown_and_removed()
    {
        Session session = _module.Run("New-KiroSession review").WithoutError().Value<Session>();
        Assert.Equal(("review", "Ready", 0), (session.Name, session.State, session.Turns));

        Ran ran = _module.Run("'one', 'two', 'history' | Invoke-KiroPrompt -Session review").WithoutError();
        Assert.Equal("2 earlier prompts:\none\ntwo", ran.Results[2].Text);
        Assert.Single(ran.Results.Select(r => r.SessionId).Distinct());

        Assert.Same(session, _module.Run("Get-KiroSession REV*").WithoutError().Value<Session>());
        Assert.Equal(["one", "two", "history"], _module.Run("Get-KiroSession review -History").WithoutError().Values<SessionTurn>().Select(t => t.Prompt));
        Assert.Equal((3, 0.15m), (session.Turns, session.Credits));

        _module.Run("Get-KiroSession | Remove-KiroSession").WithoutError();
        Assert.Empty(_module.Run("Get-KiroSession").WithoutError().Output);
        Assert.Equal("Removed", session.State);
    }

    [Fact]
    public void A_new_name_creates_a_session_and_an_object_works_like_a_name()
    {
        Ran ran = _module.Run("$null = Invoke-KiroPrompt 'one' -Session fresh; Invoke-KiroPrompt 'history' -Session (Get-KiroSession fresh)").WithoutError();

        Assert.Equal("1 earlier prompt:\none", ran.Result.Text);
    }

    [Theory]
    [InlineData("New-KiroSession there", "SessionExists")]
    [InlineData("Get-KiroSession nowhere", "SessionNotFound")]
    [InlineData("Remove-KiroSession nowhere", "SessionNotFound")]
    [InlineData("Invoke-KiroPrompt x -Session there -Model claude-opus-4.5", "SessionMismatch")]
    [InlineData("Invoke-KiroPrompt x -Session there -WorkingDirectory /", "SessionMismatch")]
    [InlineData("Invoke-KiroPrompt x -Session $gone", "SessionRemoved")]
    [InlineData("Invoke-KiroPrompt x -Session $foreign", "SessionFromElsewhere")]
    [InlineData("Invoke-KiroPrompt x -Session ' '", "SessionNotFound")]
    [InlineData("New-KiroSession other -Model no-such-model", "ModelNotFound")]
    public void Each_impossible_request_has_its_own_error(string script, string id)
    {
        _module.Run("$null = New-KiroSession there; $gone = New-KiroSession gone; Remove-KiroSession gone").WithoutError();
        _module.Run("$foreign = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-KiroSession there)))").WithoutError();

        ErrorRecord error = _module.Run(script).Error;

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(["there"], _module.Run("Get-KiroSession").WithoutError().Values<Session>().Select(s => s.Name));
    }

    [Fact]
    public void A_session_that_cannot_start_is_removed()
    {
        Assert.StartsWith("AgentNotFound,", _module.Run("New-KiroSession wrong -Agent nobody").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_module.Run("Get-KiroSession").WithoutError().Output);
    }

    [Fact]
    public void Sessions_stay_separate()
    {
        _module.Run("'a', 'b' | ForEach-Object { $null = Invoke-KiroPrompt \"I am $_\" -Session $_ }").WithoutError();

        Assert.Equal("1 earlier prompt:\nI am a", _module.Run("Invoke-KiroPrompt history -Session a").WithoutError().Result.Text);
        Assert.Equal("1 earlier prompt:\nI am b", _module.Run("Invoke-KiroPrompt history -Session b").WithoutError().Result.Text);
    }

    [Fact]
    public void WhatIf_removes_nothing()
    {
        _module.Run("$null = New-KiroSession keep; Remove-KiroSession * -WhatIf").WithoutError();

        Assert.Equal("Ready", _module.Run("Get-KiroSession keep").WithoutError().Value<Session>().State);
    }

    [Fact]
    public void A_named_conversation_of_the_console_stays()
    {
        var host = new ScriptedHost("hello", "/usage", "/model other", "/exit");
        using var module = new ModuleRunspace(_agent, host);
        module.StartWarm(1);

        Ran ran = module.Run("Enter-KiroSession -Session talk; Invoke-KiroPrompt history -Session talk").WithoutError();

        Assert.Equal("1 earlier prompt:\nhello", ran.Result.Text);
        Assert.Contains("1 turn, 0.05 credits, context 1.5 % full", host.Screen, StringComparison.Ordinal);
        Assert.Contains("The session 'talk' keeps its conversation", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unnamed_conversation_can_be_restarted()
    {
        var host = new ScriptedHost("hello", "/model claude-haiku-4.5", "history", "/clear", "history", "/nonsense", "//usage", "/agent nobody", "/exit");
        using var module = new ModuleRunspace(_agent, host);
        module.StartWarm(1);

        Ran ran = module.Run("Enter-KiroSession -PassThru").WithoutError();

        Assert.Equal(["You said: hello", "No earlier prompts.", "No earlier prompts.", "You said: \u2060/usage"], ran.Texts);
        Assert.Equal("claude-haiku-4.5", ran.Results[1].Model);
        Assert.Contains("There is no command /nonsense", host.Screen, StringComparison.Ordinal);
        Assert.Contains("The agent 'nobody' is not available", host.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", "Allowed", "Handler", "y")]
    [InlineData("a", "Allowed", "Handler", null)]
    [InlineData("n", "Rejected", "Handler", "n")]
    public void The_console_asks_for_permissions(string key, string permission, string decidedBy, string? again)
    {
        string[] answers = again is null ? [key] : [key, again];
        var host = new ScriptedHost(["do it [[permission execute]]", answers[0], "again [[permission execute]]", .. answers.Skip(1), "/exit"]);
        using var module = new ModuleRunspace(_agent, host);
        module.StartWarm(1);

        Ran ran = module.Run("Enter-KiroSession -PassThru").WithoutError();

        Assert.Equal((permission, decidedBy), (ran.Results[0].ToolCalls[0].Permission, ran.Results[0].ToolCalls[0].DecidedBy));
        Assert.Equal((permission, again is null ? "Session" : "Handler"), (ran.Results[1].ToolCalls[0].Permission, ran.Results[1].ToolCalls[0].DecidedBy));
    }

    [Theory]
    [InlineData("{ 'Allow' }", "Allowed", "Handler")]
    [InlineData("{ param($Request) if ($Request.Kind -eq 'execute') { [KiroPool.PermissionDecision]::Allow } }", "Allowed", "Handler")]
    [InlineData("{ 'Reject' }", "Rejected", "Handler")]
    [InlineData("{ throw 'no idea' }", "Rejected", "Handler")]
    [InlineData("{ 'yes please' }", "Rejected", "Handler")]
    [InlineData("{ }", "Rejected", "Handler")]
    public void A_script_block_decides_on_permissions(string handler, string permission, string decidedBy)
    {
        Ran ran = _module.Run($"Invoke-KiroPrompt 'x [[permission execute]]' -PermissionHandler {handler}").WithoutError();

        ToolCall call = Assert.Single(ran.Result.ToolCalls);
        Assert.Equal((permission, decidedBy), (call.Permission, call.DecidedBy));
        Assert.Equal(handler.Contains("throw", StringComparison.Ordinal) || handler.Contains("yes", StringComparison.Ordinal) || handler == "{ }" ? 1 : 0, ran.Warnings.Count);
    }

    [Fact]
    public void A_script_block_runs_on_the_pipeline_thread_and_sees_its_variables()
    {
        Ran ran = _module.Run("$seen = @(); 'a', 'b' | ForEach-Object { \"$_ [[permission execute]]\" } | Invoke-KiroPrompt -PermissionHandler { param($r) $script:seen += \"$($r.Kind) $([Environment]::CurrentManagedThreadId)\"; 'Allow' } | Out-Null; $seen; \"execute $([Environment]::CurrentManagedThreadId)\"").WithoutError();

        Assert.Equal(3, ran.Output.Count);
        Assert.Single(ran.Output.Select(o => o!.ToString()).Distinct());
    }

    [Theory]
    [InlineData("-TrustAllTools", "Allowed", "TrustAllTools")]
    [InlineData("-TrustTools shell", "Allowed", "TrustTools")]
    [InlineData("-TrustTools 'read,exec*'", "Rejected", "Nobody")]
    [InlineData("-TrustTools read, execute", "Allowed", "TrustTools")]
    [InlineData("", "Rejected", "Nobody")]
    public void Parameters_set_the_trust(string parameters, string permission, string decidedBy)
    {
        Ran ran = _module.Run($"Invoke-KiroPrompt 'x [[permission execute]]' {parameters}").WithoutError();

        Assert.Equal((permission, decidedBy), (ran.Result.ToolCalls[0].Permission, ran.Result.ToolCalls[0].DecidedBy));
        Assert.Equal(decidedBy == "Nobody" ? 1 : 0, ran.Warnings.Count);
    }

    [Fact]
    public void The_pools_trust_applies_to_all_prompts_without_their_own()
    {
        _module.Run("Stop-KiroPool -Force; $null = Start-KiroPool @Agent -TrustAllTools").WithoutError();

        Assert.Equal("Allowed", _module.Run("Invoke-KiroPrompt 'x [[permission execute]]'").WithoutError().Result.ToolCalls[0].Permission);
        Assert.Equal("Rejected", _module.Run("Invoke-KiroPrompt 'x [[permission execute]]' -TrustTools read").WithoutError().Result.ToolCalls[0].Permission);
        Assert.StartsWith("PoolAlreadyStarted,", _module.Run("Start-KiroPool @Agent").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_with_brackets_is_found_literally_and_escaped()
    {
        _module.Run("'bug[1]', 'bug1', 'bug[2', 'bug[3]' | ForEach-Object { $null = New-KiroSession $_ -NoWait }").WithoutError();

        Assert.Equal("bug[1]", _module.Run("Get-KiroSession 'bug[1]'").WithoutError().Value<Session>().Name);
        Assert.Equal("bug[1]", _module.Run("Get-KiroSession 'bug`[1`]'").WithoutError().Value<Session>().Name);
        Assert.Equal("bug[2", _module.Run("Get-KiroSession 'bug[2'").WithoutError().Value<Session>().Name);
        Assert.Equal("bug1", _module.Run("Get-KiroSession 'bug[0-9]'").WithoutError().Value<Session>().Name);
        Assert.StartsWith("SessionNotFound,", _module.Run("Get-KiroSession 'bug[9'").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

        _module.Run("Remove-KiroSession 'bug[1]'; Remove-KiroSession 'bug[2'; Remove-KiroSession 'bug`[3`]'").WithoutError();

        Assert.Equal(["bug1"], _module.Run("Get-KiroSession").WithoutError().Values<Session>().Select(session => session.Name));
    }

    [Theory]
    [InlineData("Get-KiroModel 'a[' -FilePath $Agent.FilePath")]
    [InlineData("Get-KiroAgent 'a[' -FilePath $Agent.FilePath")]
    [InlineData("Get-KiroSession 'a[*'")]
    public void An_invalid_pattern_is_not_an_error_of_the_PowerShell_engine(string script)
    {
        Ran ran = _module.Run(script);

        Assert.Null(ran.Terminating);
        Assert.All(ran.Errors, error => Assert.StartsWith("SessionNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("break", "break outside of a loop")]
    [InlineData("continue", "continue outside of a loop")]
    [InlineData("break outer", "break outside of a loop")]
    public void A_handler_that_uses_break_rejects_with_an_error(string statement, string reason)
    {
        Ran ran = _module.Run($"'x [[permission execute]]', 'y' | Invoke-KiroPrompt -PermissionHandler {{ {statement} }} -MaxFailures 1 -Ordered; 'reached'");

        Assert.Equal(["Rejected"], ran.Results[0].ToolCalls.Select(call => call.Permission));
        Assert.Equal(2, ran.Results.Count);
        Assert.Equal("reached", ran.Output[^1]!.ToString());
        Assert.Equal("PermissionHandlerFailed", ran.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(reason, ran.Error.ToString(), StringComparison.Ordinal);
        Assert.IsType<PermissionRequest>(ran.Error.TargetObject);
    }

    [Theory]
    [InlineData("Invoke-KiroPrompt 'nested'", "The only agent of the pool (-MaxSize 1) is busy")]
    [InlineData("New-KiroSession nested", "The only agent of the pool (-MaxSize 1) is busy")]
    [InlineData("Stop-KiroPool", "The pool has a prompt that waits for this permission handler")]
    public void A_handler_that_would_wait_for_its_own_end_rejects_with_an_error(string nested, string reason)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        Ran ran = module.Run($"Invoke-KiroPrompt 'x [[permission execute]]' -PermissionHandler {{ $null = {nested}; 'Allow' }}");

        Assert.Equal("Rejected", ran.Result.ToolCalls[0].Permission);
        Assert.Contains(ran.Errors, error => error.FullyQualifiedErrorId.StartsWith("PermissionHandlerFailed,", StringComparison.Ordinal) && error.ToString().Contains(reason, StringComparison.Ordinal));
        Assert.True(watch.Elapsed < Eventually.Limit, $"It stood still for {watch.Elapsed}.");
        Assert.Single(agent.Prompts);
    }

    [Fact]
    public void A_handler_in_a_session_cannot_use_that_session()
    {
        Ran ran = _module.Run("Invoke-KiroPrompt 'x [[permission execute]]' -Session s -PermissionHandler { $null = Invoke-KiroPrompt 'nested' -Session S; 'Allow' }");

        Assert.Equal("Rejected", ran.Result.ToolCalls[0].Permission);
        Assert.Contains(ran.Errors, error => error.ToString().Contains("The session 's' waits for this permission handler", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_handler_may_use_another_free_agent()
    {
        Ran ran = _module.Run("Invoke-KiroPrompt 'x [[permission execute]]' -PermissionHandler { if ((Invoke-KiroPrompt 'nested').Text -eq 'You said: nested') { 'Allow' } }").WithoutError();

        Assert.Equal("Allowed", ran.Result.ToolCalls[0].Permission);
    }
}
