using System.Text;

namespace KiroPool.Simulator;

/// <summary><c>chat --no-interactive</c> and <c>chat --interactive</c>: text in, text out.</summary>
internal sealed class ChatProgram(SimulatorSettings settings, ChatArguments arguments, EventLog log)
{
    private const int AgentNotFoundExitCode = 4;

    private readonly FaultScript _faults = new(settings.Faults);
    private readonly ProcessEnd _end = new(log, new SessionStore(null, staleLocksBar: false));
    private readonly Stream _output = Console.OpenStandardOutput();

    public static int Run(string[] commandLine, SimulatorSettings settings, EventLog log, bool isWrapped)
    {
        ChatArguments arguments = ChatArguments.Parse(commandLine.AsSpan(1), settings);
        if (settings.Wrapper && !isWrapped)
            return Wrapper.Run(commandLine, log);
        new ChatProgram(settings, arguments, log).Run(commandLine);
        return 0;
    }

    private void Run(string[] commandLine)
    {
        Signals.Handle(settings, log, _end);
        log.Write("start", text: string.Join(' ', commandLine));
        Prepare();
        if (arguments.Interactive)
            Converse();
        else
            AnswerOnce();
        _end.Exit(0);
    }

    private void Prepare()
    {
        TextFaults faults = Faults(FaultPoint.Start);
        if (settings.StartMs > 0)
            Thread.Sleep(settings.StartMs);
        SleepingGrandchild.Start(settings.Grandchild);
        Ballast.Add(settings.MemoryMb);
        StandardError.Flood(settings.StderrBytes);
        faults.Play();
    }

    /// <summary>stdin is read to its end before anything is done; only then agents and models are looked up.</summary>
    private void AnswerOnce()
    {
        string prompt = ReadToEnd().Trim();
        log.Write("eof");
        StartWork();
        if (prompt.Length == 0)
            _end.Crash("error: Input must be supplied when running in non-interactive mode");
        ChatHistory history = new(settings.SessionStore);
        AcpSession session = NewSession(arguments.Resume ? history.Read() : []);
        ChatTurn turn = Turn(session, prompt);
        bool hasAnswer = turn.Run();
        history.Write(session.History);
        log.Write("turn-end", text: hasAnswer ? "end_turn" : "no answer");
        if (settings.IgnoreEof)
            Thread.Sleep(ProcessEnd.StubbornnessLimit);
    }

    private void Converse()
    {
        StartWork();
        if (settings.Banner is { } banner)
            Write(Encoding.UTF8.GetBytes(banner + "\n"));
        AcpSession session = NewSession([]);
        MessageReader messages = new(Console.OpenStandardInput(), settings.MessageDelimiter);
        while (messages.Read() is { } message)
        {
            bool hasAnswer = Turn(session, message).Run();
            log.Write("turn-end", text: hasAnswer ? "end_turn" : "no answer");
            Write(Encoding.UTF8.GetBytes(settings.ResponseDelimiter));
            Faults(FaultPoint.Idle, message).Play();
        }

        log.Write("eof");
        if (settings.IgnoreEof)
            Thread.Sleep(ProcessEnd.StubbornnessLimit);
    }

    /// <summary>Where the real one starts its MCP servers, and looks up who and what was asked for.</summary>
    private void StartWork()
    {
        if (!settings.SignedIn)
        {
            // It opens a browser and waits for somebody to sign in there.
            StandardError.Line("Open https://device.sso.example.com/ and enter the code ABCD-EFGH");
            Thread.Sleep(ProcessEnd.StubbornnessLimit);
            _end.Exit(1);
        }

        if (settings.FirstSessionMs > 0)
            Thread.Sleep(settings.FirstSessionMs);
        TextFaults faults = Faults(FaultPoint.SessionNew);
        faults.Play();
        if (faults.SilentFallback)
        {
            FallBack("agent", arguments.Agent, settings.DefaultAgent);
            FallBack("model", arguments.Model, settings.DefaultModel);
            return;
        }

        if (arguments.Agent is { } agent && !Catalog.AgentsOf(settings).Contains(agent))
            _end.Crash($"Error: no agent with name {agent} found", AgentNotFoundExitCode);
        if (arguments.Model is { } model && settings.Models.Length > 0 && !Array.Exists(settings.Models, offered => offered.Id == model))
            _end.Crash($"error: Model '{model}' does not exist. Available models: {string.Join(", ", settings.Models.Select(offered => offered.Id))}");
    }

    private static void FallBack(string what, string? asked, string taken)
    {
        if (asked is not null && asked != taken)
            StandardError.Line($"Warning: {what} '{asked}' not found. Falling back to {taken}");
    }

    private AcpSession NewSession(List<Exchange> history) =>
        new("", arguments.Agent ?? settings.DefaultAgent, arguments.Model ?? settings.DefaultModel) { History = history };

    private ChatTurn Turn(AcpSession session, string prompt)
    {
        log.Write("prompt", text: prompt, more: json =>
        {
            json.WriteString("agent"u8, session.Mode);
            json.WriteString("model"u8, session.Model);
        });
        return new ChatTurn(settings, arguments, session, prompt, Faults(FaultPoint.Prompt, prompt), Faults(FaultPoint.Streaming, prompt), _end, Write);
    }

    private TextFaults Faults(FaultPoint at, string? prompt = null) => new(_faults.Take(at, prompt), at, _end, Write);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _output.Write(bytes);
        }
        catch (IOException)
        {
            // Nobody listens any more.
            _end.Exit(0);
        }
    }

    private static string ReadToEnd()
    {
        using StreamReader input = new(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return input.ReadToEnd();
    }
}
