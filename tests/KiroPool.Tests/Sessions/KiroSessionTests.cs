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
        Assert.Contains("1 turns, 0.05 credits, context 1.5 % full", host.Screen, StringComparison.Ordinal);
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
}
