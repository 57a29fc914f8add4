using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.Interactive;

namespace KiroPool.Commands;

/// <summary>Opens a conversation with one agent in the console.</summary>
[Cmdlet(VerbsCommon.Enter, "KiroSession")]
[OutputType(typeof(PromptResult))]
public sealed class EnterKiroSessionCommand : AgentCommand
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>A named session to continue, by name or as an object. A new name creates one. It stays when you leave. Default: a conversation without a name, which ends then.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>The agent's id of a stored conversation to continue. Get-KiroSession -Saved lists them.</summary>
    [Parameter]
    [Alias("SessionId")]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>What to say first. The conversation then goes on in the console.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Prompt { get; set; }

    /// <summary>Writes the result of each turn.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    /// <remarks>Not in EndProcessing, which also runs after input that does not bind.</remarks>
    protected override void ProcessRecord()
    {
        ThrowIfHostCannotPrompt();
        PoolInfo pool = RequirePoolFor(Session);
        Session session = Session is null ? CreateTemporary(pool) : SessionFor(pool, Session);
        TakeUp(session);
        var talk = new Talk(this, pool, session);
        try
        {
            AgentException? loss = OpenOrRemove(session, pool, acceptsLoss: session.Name.Length > 0, _stopping.Token);
            using IConversationConsole console = MakeConsole();
            talk.Run(console, loss);
        }
        catch (Exception e) when (e is System.Management.Automation.Host.HostException or NotImplementedException or NotSupportedException or PSInvalidOperationException)
        {
            throw Terminate(CannotPrompt(e));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            talk.End();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    private void TakeUp(Session session)
    {
        try
        {
            if (Id is not null)
                session.ResumeFrom(Id);
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    private Session CreateTemporary(PoolInfo pool)
    {
        AgentSpec spec = SpecFor(pool);
        MoveStandby(pool, spec);
        return pool.Pool.Sessions.CreateTemporary(ForNewSession(pool, spec));
    }

    /// <summary>
    /// Lets the agent ask the user with forms, and run commands that the user approves. kiro-cli does neither; it asks in its own
    /// way, so its warm agents can serve.
    /// </summary>
    private protected override AgentSpec ForNewSession(PoolInfo pool, AgentSpec spec) =>
        spec.Protocol != AgentProtocol.Acp || spec.UsesKiroCommandLine || pool.Engine is not null ? spec : spec.With(isInteractive: true);

    private IConversationConsole MakeConsole()
    {
        bool isConsole = Host.Name == "ConsoleHost" && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        if (!isConsole)
            return new HostConsole(Host.UI);
        bool hasColours = Host.UI.SupportsVirtualTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return (IConversationConsole?)TerminalConsole.TryOpen(Host.UI, hasColours, () => _stopping.IsCancellationRequested) ?? new HostConsole(Host.UI);
    }

    private void ThrowIfHostCannotPrompt()
    {
        // The console host would read redirected input as typed text, and a remote host has no keys.
        bool isConsole = Host.Name == "ConsoleHost";
        if (Host.UI is null || Host.Name == "ServerRemoteHost" || (isConsole && (Console.IsInputRedirected || PwshCommandLine.IsNonInteractive(Environment.GetCommandLineArgs()[1..]))))
            throw Terminate(CannotPrompt(null));
    }

    private ErrorRecord CannotPrompt(Exception? cause) => KiroErrors.Create(KiroException.HostCannotPrompt(Host.Name, cause));

    /// <summary>Connects the conversation loop to the cmdlet: its streams, and new conversations.</summary>
    private sealed class Talk(EnterKiroSessionCommand command, PoolInfo pool, Session session) : IConversationHost
    {
        private Session _session = session;

        public CancellationToken Stopping => command._stopping.Token;

        public Session Session => _session;

        public void Run(IConversationConsole console, AgentException? loss)
        {
            new ConversationLoop(this, console, pool, _session).Run(command.Prompt, loss);
            Stopping.ThrowIfCancellationRequested();
        }

        public void Completed(PromptResult result)
        {
            if (command.PassThru)
                command.WriteObject(result);
        }

        public void Failed(PromptFailedException failure)
        {
            ErrorRecord error = KiroErrors.Create(failure, failure.Result.Prompt);
            error.ErrorDetails.RecommendedAction = ConversationAdvice.For(failure.Kind) ?? "";
            command.WriteError(error);
        }

        public void Record(string text) => command.WriteInformation(new TranscriptLine(text), ["PSHOST"]);

        public string ResolveFile(string name) => command.SessionState.ResolveFile(name) ?? throw new IOException("It is not in the file system.");

        public Session Renew(Session present, string? agent, string? model, Func<bool> isCancelled)
        {
            if (present.Name.Length > 0)
                throw new AgentException(FailureKind.SessionMismatch, $"The session '{present.Name}' keeps its conversation, agent and model. Leave with /exit and enter another session.");
            Session next = CreateLike(present, agent, model);
            if (HoldsTheLastSlot(present))
            {
                // The present conversation would keep the slot that the new one waits for.
                present.Dispose();
                _session = next;
            }

            using var wait = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
            try
            {
                command.WaitFor(() => next.OpenAsync(wait.Token), pool.Pool.Log, () => PoolWords.ForAgent(pool.Pool.ReadActivity()), wait.Token, CancelIfAsked);
            }
            catch (OperationCanceledException) when (!Stopping.IsCancellationRequested)
            {
                throw WithoutNext(FailureKind.PromptCancelled, "Cancelled.", " The conversation goes on.");
            }
            catch (AgentException e)
            {
                throw WithoutNext(e.Kind, e.Message, "");
            }
            catch when (_session == present)
            {
                next.Dispose();
                throw;
            }

            if (_session == present)
                present.Dispose();
            return _session = next;

            void CancelIfAsked()
            {
                if (isCancelled())
                    wait.Cancel();
            }

            AgentException WithoutNext(FailureKind kind, string message, string ifPresentGoesOn)
            {
                next.Dispose();
                if (_session == present)
                    return new AgentException(kind, message + ifPresentGoesOn);
                _session = CreateLike(present);
                return new AgentException(kind, $"{message} The conversation has ended, because its agent cannot resume it. The next line starts a new one.");
            }
        }

        private Session CreateLike(Session present, string? agent = null, string? model = null)
        {
            AgentSpec spec = pool.Pool.DefaultSpec.With(agent ?? present.Agent, model ?? present.Model, present.WorkingDirectory);
            return pool.Pool.Sessions.CreateTemporary(command.ForNewSession(pool, spec));
        }

        private bool HoldsTheLastSlot(Session present) =>
            !present.CanBeResumed()
            && pool.Pool.GetStatistics() is { IdleCount: 0, StartingCount: 0, StoppingCount: 0 } now
            && now.ActiveCount + now.HeldCount >= pool.Options.Capacity;

        /// <summary>A conversation without a name ends with the command.</summary>
        public void End()
        {
            if (_session.Name.Length == 0)
                _session.Dispose();
        }
    }
}
