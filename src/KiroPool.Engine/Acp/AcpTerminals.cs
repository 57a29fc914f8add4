using System.Collections.Immutable;
using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Acp;

/// <summary>
/// The commands that an agent lets the host run, by their ids. Each one is approved like a tool. It ends when the agent
/// releases it, and at the latest with its session.
/// </summary>
/// <param name="spec">The agent.</param>
/// <param name="time">The clock.</param>
/// <param name="find">The open session with an id; null for none.</param>
internal sealed class AcpTerminals(AgentSpec spec, TimeProvider time, Func<string?, AcpSession?> find)
{
    private const int MostOpen = 50;
    private const long UsualOutput = 1024 * 1024;
    private const long MostOutput = 16 * 1024 * 1024;

    private readonly Dictionary<string, (string SessionId, TerminalProcess Process)> _open = new(StringComparer.Ordinal);

    // From the start of a process until nothing of it is left. A pool that stops waits for them, as it does for its agents.
    private readonly HashSet<Task> _lives = [];
    private int _last;
    private bool _hasEnded;

    /// <summary>Starts a command that the user, or trust, approves.</summary>
    /// <param name="asked">The command.</param>
    /// <param name="input">The request as the agent sent it, for the user.</param>
    /// <param name="withdrawn">Cancelled when the agent cancels its request.</param>
    /// <exception cref="JsonRpcException">It was not approved, or cannot be started.</exception>
    public async Task<TerminalCreated> CreateAsync(TerminalCommand asked, string input, CancellationToken withdrawn)
    {
        if (find(asked.SessionId)?.Turn is not { } turn)
            throw Refused("No turn runs in that session, so no command can be approved.");
        AgentCommand command = Describe(asked);
        string id = string.Create(CultureInfo.InvariantCulture, $"terminal-{Interlocked.Increment(ref _last)}");
        var request = new PermissionRequest
        {
            SessionId = asked.SessionId!,
            ToolCallId = id,
            Title = Title(command, asked),
            Kind = "execute",
            Locations = [command.WorkingDirectory],
            Input = input[..TerminalText.CutAt(input, AcpQuestion.LongestInput)],
        };
        Verdict verdict = await DecideAsync(turn, request, withdrawn).ConfigureAwait(false);
        var call = new ToolCallMessage { ToolCallId = id, Title = request.Title, Kind = request.Kind, Status = verdict.Allows ? "in_progress" : "failed" };
        bool inTime = turn.TryNote(new PermissionQuestion { ToolCall = call }, verdict.Allows ? "Allowed" : "Rejected", verdict.By ?? "Nobody");
        if (!verdict.Allows || !inTime)
            throw Refused("The command was not approved.");

        TerminalProcess process = await BeginAsync(command, asked.OutputByteLimit).ConfigureAwait(false);
        if (!TryKeep(id, asked.SessionId!, process, out string? why))
        {
            await process.KillAsync().ConfigureAwait(false);
            throw Refused(why);
        }

        _ = NoteEndAsync(process, turn, id);
        return new TerminalCreated(id);
    }

    public TerminalOutputReply ReadOutput(TerminalParams asked)
    {
        TerminalProcess process = Find(asked);
        (string text, bool isCut) = process.ReadOutput();
        return new TerminalOutputReply(text, isCut, process.Ended.IsCompletedSuccessfully ? process.Ended.Result : null);
    }

    public Task<TerminalExit> WaitAsync(TerminalParams asked, CancellationToken withdrawn) => Find(asked).Ended.WaitAsync(withdrawn);

    /// <summary>Ends a command. Its output can still be read.</summary>
    public async Task<NoParams> KillAsync(TerminalParams asked)
    {
        await Find(asked).KillAsync().ConfigureAwait(false);
        return new NoParams();
    }

    /// <summary>Ends a command and forgets it.</summary>
    public async Task<NoParams> ReleaseAsync(TerminalParams asked)
    {
        TerminalProcess process = Find(asked);
        lock (_open)
            _open.Remove(asked.TerminalId!);
        await process.KillAsync().ConfigureAwait(false);
        return new NoParams();
    }

    /// <summary>Ends the commands of a session that was closed.</summary>
    public void EndSession(string sessionId) => _ = EndAsync(sessionId);

    /// <summary>Ends all commands, and every later one. Completes when no process is left.</summary>
    public async Task EndAsync()
    {
        Task[] lives;
        lock (_open)
            (_hasEnded, lives) = (true, [.. _lives]);
        await EndAsync(sessionId: null).ConfigureAwait(false);
        await Task.WhenAll(lives).ConfigureAwait(false);
    }

    private Task EndAsync(string? sessionId)
    {
        TerminalProcess[] ended;
        lock (_open)
        {
            if (_open.Count == 0)
                return Task.CompletedTask;
            string[] ids = [.. _open.Where(one => sessionId is null || one.Value.SessionId == sessionId).Select(one => one.Key)];
            ended = [.. ids.Select(id => _open[id].Process)];
            foreach (string id in ids)
                _open.Remove(id);
        }

        return Task.WhenAll(ended.Select(process => process.KillAsync()));
    }

    private TerminalProcess Find(TerminalParams asked)
    {
        lock (_open)
        {
            if (asked.TerminalId is { } id && _open.TryGetValue(id, out (string SessionId, TerminalProcess Process) open) && open.SessionId == asked.SessionId)
                return open.Process;
        }

        throw new JsonRpcException(JsonRpcException.InvalidParams, $"There is no terminal '{asked.TerminalId}' in that session.", null);
    }

    private bool TryKeep(string id, string sessionId, TerminalProcess process, out string why)
    {
        lock (_open)
        {
            // The session may have been closed during the start.
            why = _hasEnded || find(sessionId) is null ? "The session was closed." : $"{MostOpen} terminals are open in that session. Release some.";
            return !_hasEnded && find(sessionId) is not null && _open.Values.Count(open => open.SessionId == sessionId) < MostOpen && _open.TryAdd(id, (sessionId, process));
        }
    }

    private async Task<Verdict> DecideAsync(AcpTurn turn, PermissionRequest request, CancellationToken withdrawn)
    {
        if (turn.Permissions.DecideNow(request) is { } now)
            return now;
        if (turn.BeginAsking() is not { } end)
            return default;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end, withdrawn);
        try
        {
            (Verdict verdict, bool always) = await turn.Permissions.AskAsync(request, time, over.Token).ConfigureAwait(false);
            if (always && verdict.Allows)
                turn.Permissions.Remember(request);
            return verdict;
        }
        finally
        {
            turn.EndAsking();
        }
    }

    private AgentCommand Describe(TerminalCommand asked)
    {
        string directory = string.IsNullOrEmpty(asked.Cwd) ? spec.WorkingDirectory : asked.Cwd;
        if (!Path.IsPathFullyQualified(directory))
            throw Invalid($"The directory '{directory}' is not an absolute path.");
        if (string.IsNullOrWhiteSpace(asked.Command))
            throw Invalid("The request names no command.");
        try
        {
            ImmutableSortedDictionary<string, string?> variables = AgentSpec.NoEnvironment.AddRange((asked.Env ?? []).DistinctBy(variable => variable.Name).Select(variable => KeyValuePair.Create(variable.Name ?? "", variable.Value)));
            return new AgentCommand(
                KiroCliLocator.Locate(asked.Command, directory),
                ProcessStrings.CheckArguments([.. asked.Args ?? []]),
                directory,
                ProcessStrings.CheckEnvironment(variables));
        }
        catch (AgentException e) when (e.Kind == FailureKind.ExecutableNotFound)
        {
            throw Invalid($"The program '{asked.Command}' was not found. It is started without a shell: name a program, and its arguments in args.");
        }
        catch (Exception e) when (e is AgentException or ArgumentException)
        {
            throw Invalid(e.Message);
        }
    }

    private Task<TerminalProcess> BeginAsync(AgentCommand command, long? limit)
    {
        lock (_open)
        {
            if (_hasEnded)
                throw Refused("The session was closed.");
            Task<TerminalProcess> starting = Task.Run(() => StartAsync(command, limit));
            Task life = LiveAsync(starting);
            _lives.Add(life);
            _ = life.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return starting;
        }
    }

    private void Forget(Task life)
    {
        lock (_open)
            _lives.Remove(life);
    }

    private static async Task LiveAsync(Task<TerminalProcess> starting)
    {
        try
        {
            await (await starting.ConfigureAwait(false)).Ended.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was not started. Its requester gets the reason.
        }
    }

    private static async Task<TerminalProcess> StartAsync(AgentCommand command, long? limit)
    {
        try
        {
            return await TerminalProcess.StartAsync(command, (int)Math.Clamp(limit ?? UsualOutput, 0, MostOutput)).ConfigureAwait(false);
        }
        catch (AgentException e)
        {
            throw Invalid(e.Message);
        }
    }

    private static async Task NoteEndAsync(TerminalProcess process, AcpTurn turn, string id)
    {
        TerminalExit exit = await process.Ended.ConfigureAwait(false);
        turn.Apply(new ToolCallMessage { ToolCallId = id, Status = exit.ExitCode == 0 ? "completed" : "failed" });
    }

    /// <summary>What the user approves: the command line, and what else can change its effect.</summary>
    private string Title(AgentCommand command, TerminalCommand asked)
    {
        string line = string.Join(' ', command.Arguments.Prepend(asked.Command!).Select(Quoted));
        string where = command.WorkingDirectory == spec.WorkingDirectory ? "" : $" in {command.WorkingDirectory}";
        string with = command.Environment.Count == 0 ? "" : $" with {string.Join(", ", command.Environment.Keys)} set";
        return Visible(line + where + with);
    }

    /// <summary>Characters that only change how a line looks could show another command than the one that runs.</summary>
    private static string Visible(string line) =>
        string.Concat(line.Select(c => char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()));

    /// <summary>A quotation mark of the word itself is doubled, so that one word cannot look like two.</summary>
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./:=@+,%\\".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "''", StringComparison.Ordinal)}'";

    private static JsonRpcException Refused(string message) => new(JsonRpcException.InternalError, message, null);

    private static JsonRpcException Invalid(string message) => new(JsonRpcException.InvalidParams, message, null);
}

internal sealed record TerminalCommand
{
    public string? SessionId { get; init; }

    public string? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public IReadOnlyList<TerminalVariable>? Env { get; init; }

    public string? Cwd { get; init; }

    public long? OutputByteLimit { get; init; }
}

internal sealed record TerminalVariable(string? Name, string? Value);

internal sealed record TerminalParams(string? SessionId, string? TerminalId);

internal sealed record TerminalCreated(string TerminalId);

internal sealed record TerminalOutputReply(string Output, bool Truncated, TerminalExit? ExitStatus);
