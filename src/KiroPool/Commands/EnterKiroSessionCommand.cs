using System.Management.Automation;
using KiroPool.Completion;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Errors;
using KiroPool.Pipeline;

namespace KiroPool.Commands;

/// <summary>Holds a conversation with one agent in the console.</summary>
[Cmdlet(VerbsCommon.Enter, "KiroSession")]
[OutputType(typeof(PromptResult))]
public sealed class EnterKiroSessionCommand : PoolCommand
{
    private const string Leave = "exit";

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The agent (mode) to use; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AgentCompleter))]
    public string? Agent { get; set; }

    /// <summary>The model to use; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>The directory the agent works in; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Emits the result of each turn.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ThrowIfHostCannotPrompt();
        PoolInfo pool = RequirePoolOrStartDefault();
        using Session conversation = Open(pool);
        Host.UI.WriteLine($"Talking to {conversation.Agent ?? "the default agent"} ({conversation.Model ?? "default model"}). '{Leave}' leaves.");
        for (int turn = 0; ReadLine() is { } line && line.Trim() != Leave;)
        {
            if (!string.IsNullOrWhiteSpace(line))
                Talk(pool, conversation, line, turn++);
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    private Session Open(PoolInfo pool)
    {
        AgentSpec spec = SpecFor(pool, Agent, Model, WorkingDirectory);
        Session? session = null;
        try
        {
            session = pool.Pool.Sessions.CreateTemporary(spec);
            WaitFor(() => session.OpenAsync(_stopping.Token), pool.Pool.Log, _stopping.Token);
            return session;
        }
        catch (Exception e)
        {
            // Also when it was stopped in the very moment it opened: the agent must not stay with nobody.
            session?.Dispose();
            if (e is AgentException failure)
                throw Terminate(KiroErrors.Create(failure));
            throw;
        }
    }

    private void Talk(PoolInfo pool, Session conversation, string prompt, int turn)
    {
        using var pump = new PipelinePump(this, atATime: 1, ordered: false);
        using CancellationTokenRegistration stopped = _stopping.Token.Register(pump.Cancel);
        using IDisposable? story = TellStory(pool.Pool.Log, pump);
        pump.Run(async _ =>
        {
            try
            {
                PromptResult result = await conversation.PromptAsync(
                    new PromptRequest
                    {
                        Prompt = prompt,
                        Index = turn,
                        OnUpdate = update =>
                        {
                            if (update.Kind == "Text")
                                pump.Post(RecordKind.Host, update.Text);
                        },
                    },
                    pump.Token).ConfigureAwait(false);
                pump.Post(RecordKind.Host, Environment.NewLine);
                if (PassThru)
                    pump.Post(RecordKind.Result, result);
            }
            catch (PromptFailedException e) when (!pump.Token.IsCancellationRequested)
            {
                pump.Post(RecordKind.Error, KiroErrors.Create(e, prompt));
            }
        });
        pump.Complete();
    }

    /// <summary>Null at the end of input.</summary>
    private string? ReadLine()
    {
        try
        {
            Host.UI.Write("kiro> ");
            return Host.UI.ReadLine();
        }
        catch (Exception e) when (e is NotImplementedException or NotSupportedException or PSInvalidOperationException or System.Management.Automation.Host.HostException)
        {
            throw Terminate(CannotPrompt(e));
        }
    }

    private void ThrowIfHostCannotPrompt()
    {
        // The console host would read a redirected input as if somebody typed it.
        if (Host.UI is null || (Host.Name == "ConsoleHost" && Console.IsInputRedirected))
            throw Terminate(CannotPrompt(null));
    }

    private ErrorRecord CannotPrompt(Exception? cause) => KiroErrors.Create(
        KiroErrors.HostCannotPrompt,
        $"The host '{Host.Name}' cannot ask for input here, so no conversation can be held. In scripts use Invoke-KiroPrompt.",
        Host.Name,
        cause);
}
