using System.Diagnostics;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Formatting;
using FormQuestion = KiroPool.Interactive.Question<KiroPool.Engine.Agents.FormRequest, KiroPool.Engine.Agents.FormAnswer>;
using ToolQuestion = KiroPool.Interactive.Question<KiroPool.PermissionRequest, KiroPool.PermissionDecision>;

namespace KiroPool.Interactive;

/// <summary>
/// Runs a conversation in a console: reads prompts, shows each answer while it arrives, asks for permissions, and
/// handles a few commands.
/// </summary>
internal sealed class ConversationLoop(IConversationHost host, IConversationConsole console, PoolInfo pool, Session session)
{
    private const int TickMilliseconds = 80;
    private const string Prompt = "> ";

    // The keys for the answers to a question; n means no answer.
    private const string AnswerKeys = "123456789abcdefghijklmopqrstuvwxyz";

    // So long without an update that the user may think that nothing happens.
    private static readonly TimeSpan LongSilence = TimeSpan.FromSeconds(1.5);

    private readonly ConversationCommands _commands = new(host, console, pool, session);
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private int _turn;
    private decimal? _credits;

    private Session Session => _commands.Session;

    /// <summary>Runs until the user leaves.</summary>
    /// <param name="opening">What the user says first; null to ask at once.</param>
    /// <param name="loss">Why the conversation of the session cannot be resumed; null if it can.</param>
    public void Run(string? opening = null, AgentException? loss = null)
    {
        Begin(loss);
        if (opening is not null)
        {
            console.Write($"> {TerminalText.Harmless(opening)}{Environment.NewLine}", TextLook.Bright);
            Talk(opening);
        }

        while (!host.Stopping.IsCancellationRequested && console.Read(Prompt, _commands.Complete) is { } line)
        {
            if (!Take(line))
                break;
        }

        bool stays = Session.Name.Length > 0;
        Note(ConversationTexts.Total(Session, stays ? Session.Turns : _turn, stays ? Session.Credits : _credits, _time.Elapsed));
    }

    private void Begin(AgentException? loss)
    {
        Note($"{ConversationTexts.Describe(Session)}. /help lists the commands.");
        if (ConversationTexts.Recap(Session) is { } recap)
            Note(recap);
        if (loss is null)
            return;
        _commands.IsLost = true;
        Note($"{loss.Message} {ConversationAdvice.For(loss.Kind)}");
    }

    /// <summary>Takes a line of the user. Returns false to leave.</summary>
    private bool Take(string line)
    {
        string said = line.Trim();
        if (said.Length == 0)
            return true;
        if (said is "exit" or "quit" || IsCommand(said, "/exit") || IsCommand(said, "/quit"))
            return false;
        bool isText = said[0] != '/' || said.StartsWith("//", StringComparison.Ordinal);
        if (isText)
            Talk(said[0] == '/' ? said[1..] : line.TrimEnd('\n'));
        else if (!_commands.Obey(said))
            Talk(said, isCommand: true);
        return true;
    }

    private void Talk(string prompt, bool isCommand = false)
    {
        host.Record($"> {prompt}");
        using var turn = new CancellationTokenSource();
        using CancellationTokenRegistration stopped = host.Stopping.Register(turn.Cancel);
        using var events = new TurnEvents();
        var view = new TurnView(console);
        Task<PromptResult> running = Session.PromptAsync(
            new PromptRequest
            {
                Prompt = prompt,
                Index = _turn++,
                IsSlashCommand = isCommand,
                AllowNewConversation = _commands.AllowsNew,
                OnUpdate = events.Post,
                Permissions = pool.Pool.Permissions with { Handler = (request, token) => ToolQuestion.AskAsync(request, events.Post, token), HandlerTimeout = TimeSpan.Zero },
                FormHandler = (request, token) => FormQuestion.AskAsync(request, events.Post, token),
            },
            turn.Token);

        try
        {
            Follow(running, turn, events, view);
        }
        catch
        {
            // A failing screen ends the conversation, and with it the answers to the agent's questions. The turn would wait for them for ever.
            turn.Cancel();
            throw;
        }

        view.End();
        try
        {
            PromptResult result = running.GetAwaiter().GetResult();
            string footer = ConversationTexts.Footer(result);
            Note(footer);
            host.Record($"{TerminalText.Harmless(result.Text)}{Environment.NewLine}{footer}");
            (_commands.IsLost, _commands.AllowsNew) = (false, false);
            Count(result);
            host.Completed(result);
        }
        catch (PromptFailedException e) when (e.Kind == FailureKind.PromptCancelled)
        {
            host.Stopping.ThrowIfCancellationRequested();
            Count(e.Result);
            _commands.IsLost = Session.State == "Lost";
            Note(_commands.IsLost ? "Cancelled. The conversation has ended with its process; /new starts another one." : "Cancelled. The conversation goes on.");
        }
        catch (PromptFailedException e)
        {
            Count(e.Result);

            // Removes the waiting sign before the error is written.
            console.Write("");
            _commands.IsLost |= e.Kind is FailureKind.SessionLost or FailureKind.SessionLocked;
            host.Failed(e);
        }
    }

    /// <summary>Shows the turn until it ends. Ctrl+C cancels it.</summary>
    private void Follow(Task<PromptResult> running, CancellationTokenSource turn, TurnEvents events, TurnView view)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan updatedAt = TimeSpan.Zero;
        while (true)
        {
            object? next = events.Next(() => running.IsCompleted, TickMilliseconds, out bool isOver);
            if (next is not null)
                updatedAt = clock.Elapsed;
            if (next is PromptUpdate update)
                view.Show(update);
            else if (next is ToolQuestion question)
                Decide(question, view, turn);
            else if (next is FormQuestion form)
                Answer(form, view);
            else if (isOver)
                return;
            else if (!view.HasBegun)
            {
                console.ShowWaiting(Session.ProcessId is null ? PoolWords.ForTurn(pool.Pool.ReadActivity()) : "thinking", clock.Elapsed);
            }
            else if (clock.Elapsed - updatedAt >= LongSilence)
            {
                ShowLife(view, clock.Elapsed - updatedAt);
            }

            if (console.TakeCancel())
                turn.Cancel();
        }
    }

    private void Count(PromptResult result) => _credits = result.Credits is { } credits ? (_credits ?? 0) + credits : _credits;

    private void ShowLife(TurnView view, TimeSpan silence)
    {
        if (view.IsAtLineStart)
            console.ShowWaiting("working", silence);
        else
            console.ShowAlive(silence);
    }

    /// <summary>Lets the user answer a form. The turn goes on with any answer.</summary>
    private void Answer(FormQuestion question, TurnView view)
    {
        view.End();
        if (question.IsOver)
            return;
        FormAnswer answer = new FormDialog(console, question.Request, () => question.IsOver || host.Stopping.IsCancellationRequested).Run();
        string end = question.IsOver ? "withdrawn" : answer.Action switch { FormAction.Accept => "accepted", FormAction.Decline => "declined", _ => "cancelled" };
        question.Answer(answer);
        Note($"The question was {end}.");
        host.Record(TerminalText.Harmless($"The agent asked: {question.Request.Message} (The question was {end}.)"));
    }

    private void Decide(ToolQuestion question, TurnView view, CancellationTokenSource turn)
    {
        PermissionRequest request = question.Request;
        view.End();
        if (request.IsQuestion)
        {
            Pick(question, turn);
            return;
        }

        while (!question.IsOver)
        {
            char? key = console.Choose(
                TerminalText.Harmless($"Allow {request.Kind}: {request.Title}?"),
                [('y', "yes"), ('a', "always in this session"), ('n', "no"), ('d', "details")],
                () => question.IsOver || host.Stopping.IsCancellationRequested);
            if (key == 'd')
            {
                ShowDetails(request);
                continue;
            }

            if (IsWithdrawn(question))
                return;
            question.Answer(key switch { 'y' => PermissionDecision.Allow, 'a' => PermissionDecision.AllowAlways, _ => PermissionDecision.Reject });

            // No answer means no. Ctrl+C at the question also cancels the turn.
            if (key is null)
                turn.Cancel();
            return;
        }
    }

    /// <summary>Lets the user choose the answer to a question of the agent by its key.</summary>
    private void Pick(ToolQuestion question, CancellationTokenSource turn)
    {
        PermissionRequest request = question.Request;
        (char Key, string Name)[] answers = [.. request.Options.Zip(AnswerKeys, (option, key) => (key, TerminalText.Harmless(option)))];
        char? key = console.Choose(TerminalText.Harmless(request.Title), [.. answers, ('n', "no answer")], () => question.IsOver || host.Stopping.IsCancellationRequested);
        if (IsWithdrawn(question))
            return;
        request.Answer = key is { } pressed && AnswerKeys.IndexOf(pressed) is >= 0 and var at && at < request.Options.Count ? request.Options[at] : null;
        question.Answer(request.Answer is null ? PermissionDecision.Reject : PermissionDecision.Allow);
        if (key is null)
            turn.Cancel();
    }

    /// <summary>Whether the agent needs no answer any more. The turn goes on without one.</summary>
    private bool IsWithdrawn(ToolQuestion question)
    {
        if (question.IsOver)
            Note("The question was withdrawn.");
        return question.IsOver;
    }

    private void ShowDetails(PermissionRequest request)
    {
        console.Write($"  tool: {TerminalText.Harmless(request.ToolName ?? "(not named)")}{Environment.NewLine}", TextLook.Dim);
        foreach (string location in request.Locations)
            console.Write($"  file: {TerminalText.Harmless(location)}{Environment.NewLine}", TextLook.Dim);
        if (request.Input is { } input)
            console.Write($"  input: {TerminalText.Harmless(input)}{Environment.NewLine}", TextLook.Dim);
    }

    private void Note(string text) => console.Write(TerminalText.Harmless(text) + Environment.NewLine, TextLook.Dim);

    private static bool IsCommand(string said, string command) => said.Equals(command, StringComparison.OrdinalIgnoreCase);
}
