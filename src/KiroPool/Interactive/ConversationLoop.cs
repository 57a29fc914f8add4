using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Formatting;

namespace KiroPool.Interactive;

/// <summary>The services of the cmdlet for a conversation. All of them run on the pipeline thread.</summary>
internal interface IConversationHost
{
    /// <summary>Cancelled when the pipeline is being stopped.</summary>
    CancellationToken Stopping { get; }

    /// <summary>A turn ended with an answer.</summary>
    void Completed(PromptResult result);

    /// <summary>A turn ended without one.</summary>
    void Failed(PromptFailedException failure);

    /// <summary>A new conversation with another agent or model, both the same where null.</summary>
    /// <exception cref="AgentException">No conversation can start.</exception>
    Session Renew(Session present, string? agent, string? model);
}

/// <summary>
/// Runs a conversation in a console: reads prompts, shows each answer while it arrives, asks for permissions, and
/// handles a few commands.
/// </summary>
internal sealed class ConversationLoop(IConversationHost host, IConversationConsole console, PoolInfo pool, Session session)
{
    private const int TickMilliseconds = 80;

    // The keys for the answers to a question; n means no answer.
    private const string AnswerKeys = "123456789abcdefghijklmopqrstuvwxyz";

    private static readonly (string Name, string Does)[] Commands =
    [
        ("/help", "shows this"),
        ("/model", "lists the models; with a name, starts a new conversation with it"),
        ("/agent", "lists the agents; with a name, starts a new conversation with it"),
        ("/clear", "starts a new conversation and clears the screen"),
        ("/usage", "shows turns, credits and the used context"),
        ("/exit", "leaves"),
    ];

    private int _turn;

    /// <summary>The present conversation. <c>/clear</c> and similar commands replace it.</summary>
    public Session Session { get; private set; } = session;

    /// <summary>Runs until the user leaves.</summary>
    public void Run()
    {
        Note($"Talking to {Describe(Session)}. /help lists the commands, Ctrl+C cancels a turn.");
        while (!host.Stopping.IsCancellationRequested && console.Read(TerminalText.Harmless($"{Session.Agent ?? "kiro"} ({Session.Model ?? "default"})> "), Complete) is { } line)
        {
            string said = line.Trim();
            if (said.Length == 0)
                continue;
            if (said is "exit" or "quit" || IsCommand(said, "/exit") || IsCommand(said, "/quit"))
                return;
            if (said[0] == '/' && !said.StartsWith("//", StringComparison.Ordinal))
                Obey(said);
            else
                Talk(said.StartsWith("//", StringComparison.Ordinal) ? said[1..] : line);
        }
    }

    private IReadOnlyList<string> Complete(string typed)
    {
        string[] offered =
            typed.StartsWith("/model ", StringComparison.Ordinal) ? [.. pool.Pool.ReadOffer().Models.Select(name => $"/model {name}")]
            : typed.StartsWith("/agent ", StringComparison.Ordinal) ? [.. pool.Pool.ReadOffer().Agents.Select(name => $"/agent {name}")]
            : typed.StartsWith('/') ? [.. Commands.Select(command => command.Name)]
            : [];
        return [.. offered.Where(one => one.StartsWith(typed, StringComparison.OrdinalIgnoreCase) && !one.Any(char.IsControl)).Order(StringComparer.OrdinalIgnoreCase)];
    }

    private void Obey(string said)
    {
        string[] words = said.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? name = words.Length > 1 ? words[1] : null;
        switch (words[0].ToLowerInvariant())
        {
            case "/help":
                foreach ((string command, string does) in Commands)
                    Note($"  {command,-8} {does}");
                Note("  A line that ends with \\ continues in the next line. Ctrl+C at an empty line leaves.");
                Note("  To send a text that begins with a slash, type two slashes.");
                break;
            case "/model" when name is null:
                List("models", pool.Pool.ReadOffer().Models, Session.Model);
                break;
            case "/agent" when name is null:
                List("agents", pool.Pool.ReadOffer().Agents, Session.Agent);
                break;
            case "/model":
                Renew(agent: null, model: name);
                break;
            case "/agent":
                Renew(agent: name, model: null);
                break;
            case "/clear":
                console.Clear();
                Renew(null, null);
                break;
            case "/usage":
                Note($"  {Session.Turns} turns, {Session.Credits?.ToString("0.####", CultureInfo.CurrentCulture) ?? "no"} credits, context {Session.ContextPercent?.ToString("0.#", CultureInfo.CurrentCulture) ?? "?"} % full");
                break;
            default:
                Note($"There is no command {words[0]}. /help lists the commands. To send a text that begins with a slash, type two slashes.");
                break;
        }
    }

    private void Renew(string? agent, string? model)
    {
        try
        {
            Session = host.Renew(Session, agent, model);
            Note($"A new conversation with {Describe(Session)}.");
        }
        catch (AgentException e)
        {
            Note(e.Message);
        }
    }

    private void Talk(string prompt)
    {
        using var turn = new CancellationTokenSource();
        using CancellationTokenRegistration stopped = host.Stopping.Register(turn.Cancel);
        using var events = new TurnEvents();
        var view = new TurnView(console);
        Task<PromptResult> running = Session.PromptAsync(
            new PromptRequest
            {
                Prompt = prompt,
                Index = _turn++,
                OnUpdate = events.Post,
                Permissions = pool.Pool.Permissions with { Handler = (request, token) => Question.AskAsync(request, events.Post, token), HandlerTimeout = TimeSpan.Zero },
            },
            turn.Token);

        Follow(running, turn, events, view);
        view.End();
        try
        {
            PromptResult result = running.GetAwaiter().GetResult();
            Note(Footer(result));
            host.Completed(result);
        }
        catch (PromptFailedException e) when (e.Kind == FailureKind.PromptCancelled)
        {
            host.Stopping.ThrowIfCancellationRequested();
            Note("Cancelled. The conversation goes on.");
        }
        catch (PromptFailedException e)
        {
            // Removes the waiting sign before the error is written.
            console.Write("");
            host.Failed(e);
        }
    }

    /// <summary>Shows the turn until it ends. Ctrl+C cancels it.</summary>
    private void Follow(Task<PromptResult> running, CancellationTokenSource turn, TurnEvents events, TurnView view)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            object? next = events.Next(() => running.IsCompleted, TickMilliseconds, out bool isOver);
            if (next is PromptUpdate update)
                view.Show(update);
            else if (next is Question question)
                Decide(question, view, turn);
            else if (isOver)
                return;
            else if (!view.HasBegun)
            {
                console.ShowWaiting(Session.ProcessId is null ? "waiting for an agent" : "thinking", clock.Elapsed);
            }

            if (console.TakeCancel())
                turn.Cancel();
        }
    }

    private void Decide(Question question, TurnView view, CancellationTokenSource turn)
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

            question.Answer(key switch { 'y' => PermissionDecision.Allow, 'a' => PermissionDecision.AllowAlways, _ => PermissionDecision.Reject });

            // No answer means no. Ctrl+C at the question also cancels the turn.
            if (key is null)
                turn.Cancel();
            return;
        }
    }

    /// <summary>Lets the user choose the answer to a question of the agent by its key.</summary>
    private void Pick(Question question, CancellationTokenSource turn)
    {
        PermissionRequest request = question.Request;
        (char Key, string Name)[] answers = [.. request.Options.Zip(AnswerKeys, (option, key) => (key, TerminalText.Harmless(option)))];
        char? key = console.Choose(TerminalText.Harmless(request.Title), [.. answers, ('n', "no answer")], () => question.IsOver || host.Stopping.IsCancellationRequested);
        request.Answer = key is { } pressed && AnswerKeys.IndexOf(pressed) is >= 0 and var at && at < request.Options.Count ? request.Options[at] : null;
        question.Answer(request.Answer is null ? PermissionDecision.Reject : PermissionDecision.Allow);
        if (key is null)
            turn.Cancel();
    }

    private void ShowDetails(PermissionRequest request)
    {
        console.Write($"  tool: {TerminalText.Harmless(request.ToolName ?? "(not named)")}{Environment.NewLine}", TextLook.Dim);
        foreach (string location in request.Locations)
            console.Write($"  file: {TerminalText.Harmless(location)}{Environment.NewLine}", TextLook.Dim);
        if (request.Input is { } input)
            console.Write($"  input: {TerminalText.Harmless(input)}{Environment.NewLine}", TextLook.Dim);
    }

    private void List(string what, IReadOnlyList<string> names, string? present)
    {
        if (names.Count == 0)
            Note($"The agent has not reported any {what}.");
        foreach (string name in names)
            Note($"  {(name == present ? "*" : " ")} {name}");
    }

    private void Note(string text) => console.Write(TerminalText.Harmless(text) + Environment.NewLine, TextLook.Dim);

    private static string Footer(PromptResult result)
    {
        var parts = new List<string> { Display.Time(result.Duration) };
        if (result.Credits is { } credits)
            parts.Add(string.Create(CultureInfo.CurrentCulture, $"{credits:0.####} credits"));
        if (result.ContextPercent is { } percent)
            parts.Add(string.Create(CultureInfo.CurrentCulture, $"context {percent:0.#} % full"));
        if (result.StopReason != "end_turn")
            parts.Add($"stopped early ({result.StopReason})");
        return string.Join(" · ", parts);
    }

    private static string Describe(Session session)
    {
        string name = session.Name.Length > 0 ? $" in the session '{session.Name}'" : "";
        return $"{session.Agent ?? "the default agent"} ({session.Model ?? "default model"}){name}";
    }

    private static bool IsCommand(string said, string command) => said.Equals(command, StringComparison.OrdinalIgnoreCase);
}
