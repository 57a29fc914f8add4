using System.Globalization;
using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Formatting;

namespace KiroPool.Interactive;

/// <summary>The slash commands of a conversation.</summary>
/// <param name="host">The services of the cmdlet.</param>
/// <param name="console">The console.</param>
/// <param name="pool">The pool.</param>
/// <param name="session">The conversation.</param>
internal sealed class ConversationCommands(IConversationHost host, IConversationConsole console, PoolInfo pool, Session session)
{
    private static readonly (string Name, string Does)[] All =
    [
        ("/help", "shows this"),
        ("/model", "lists the models; with a name, starts a new conversation with it"),
        ("/agent", "lists the agents; with a name, starts a new conversation with it"),
        ("/new", "starts a new conversation"),
        ("/clear", "starts a new conversation and clears the screen"),
        ("/history", "lists the turns"),
        ("/save", "writes the turns to a Markdown file: /save notes.md"),
        ("/usage", "shows turns, credits and the used context"),
        ("/exit", "leaves"),
    ];

    /// <summary>The present conversation. <c>/new</c> and similar commands replace it.</summary>
    public Session Session { get; private set; } = session;

    /// <summary>Whether the next prompt may start a new conversation in a session that has lost its own.</summary>
    public bool AllowsNew { get; set; }

    /// <summary>Whether the conversation cannot be resumed, so that /new is needed.</summary>
    public bool IsLost { get; set; }

    public IReadOnlyList<string> Complete(string typed)
    {
        string[] offered =
            typed.StartsWith("/model ", StringComparison.Ordinal) ? [.. pool.Pool.ReadOffer().Models.Select(name => $"/model {name}")]
            : typed.StartsWith("/agent ", StringComparison.Ordinal) ? [.. pool.Pool.ReadOffer().Agents.Select(name => $"/agent {name}")]
            : typed.StartsWith('/') ? [.. All.Select(command => command.Name), .. Session.Commands.Select(name => $"/{name}")]
            : [];
        return [.. offered.Where(one => one.StartsWith(typed, StringComparison.OrdinalIgnoreCase) && !one.Any(char.IsControl)).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Obeys a command. Returns false for one of the agent's own, which the agent gets.</summary>
    public bool Obey(string said)
    {
        string[] words = said.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? name = words.Length > 1 ? words[1] : null;
        switch (words[0].ToLowerInvariant())
        {
            case "/help":
                Help();
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
            case "/new":
                StartNew();
                break;
            case "/clear":
                console.Clear();
                Renew(null, null);
                break;
            case "/history":
                Show(ConversationTexts.History(Session), "There are no turns yet.");
                break;
            case "/save":
                Save(name);
                break;
            case "/usage":
                Note($"  {ConversationTexts.Count(Session.Turns)}, {(Session.Credits is { } credits ? Display.Credits(credits, CultureInfo.CurrentCulture) : "no credits")}, context {Session.ContextPercent?.ToString("0.#", CultureInfo.CurrentCulture) ?? "?"} % full");
                break;
            case var own when Session.Commands.Contains(own[1..], StringComparer.OrdinalIgnoreCase):
                return false;
            default:
                Note($"There is no command {words[0]}. /help lists the commands. To send a text that begins with a slash, type two slashes.");
                break;
        }

        return true;
    }

    private void Help()
    {
        foreach ((string command, string does) in All)
            Note($"  {command,-8} {does}");
        if (Session.Commands.Count > 0)
            Note($"  The agent has commands of its own: {string.Join(", ", Session.Commands.Select(name => "/" + name))}");
        Note("  A line that ends with \\ continues in the next line. Ctrl+C at an empty line leaves when pressed twice.");
        Note("  To send a text that begins with a slash, type two slashes.");
    }

    private void StartNew()
    {
        if (!IsLost)
        {
            Renew(null, null);
            return;
        }

        AllowsNew = true;
        Note("The next line starts a new conversation in this session.");
    }

    private void Renew(string? agent, string? model)
    {
        try
        {
            Session = host.Renew(Session, agent, model, console.TakeCancel);
            Note($"A new conversation with {ConversationTexts.Describe(Session)}.");
        }
        catch (AgentException e)
        {
            Session = host.Session;
            Note(e.Message);
        }
    }

    private void Save(string? name)
    {
        if (name is null)
        {
            Note("Name the file: /save notes.md");
            return;
        }

        try
        {
            string path = host.ResolveFile(name);
            using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
                file.Write(Encoding.UTF8.GetBytes(ConversationTexts.ToMarkdown(Session)));
            Note($"Saved to {path}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Note($"The conversation was not saved: {e.Message}");
        }
    }

    private void List(string what, IReadOnlyList<string> names, string? present) =>
        Show(names.Select(name => $"  {(name == present ? "*" : " ")} {name}"), $"The agent has not reported any {what}.");

    private void Show(IEnumerable<string> lines, string otherwise)
    {
        string[] all = [.. lines];
        foreach (string line in all.Length > 0 ? all : [otherwise])
            Note(line);
    }

    private void Note(string text) => console.Write(TerminalText.Harmless(text) + Environment.NewLine, TextLook.Dim);
}
