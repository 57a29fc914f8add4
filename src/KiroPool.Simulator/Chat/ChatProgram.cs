using System.Diagnostics.CodeAnalysis;
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
        if (arguments.Help)
            return Inquiries.ShowChatHelp(settings, log);
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
        if (arguments.StreamJson)
        {
            AnswerInJson(prompt);
            return;
        }

        RefuseTrustOnV3();
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

    private void AnswerInJson(string prompt)
    {
        StreamJson json = new(settings, Write);
        string engine = arguments.EngineOf(settings);
        AcpSession session = new(engine == "v3" ? $"sess_{Guid.NewGuid()}" : Guid.NewGuid().ToString(), arguments.Agent ?? CatalogOf(engine).DefaultAgent, arguments.Model ?? settings.DefaultModel);
        if (engine == "v1")
            FailInJson(json, null, "engine", "--output-format stream-json is not supported on the v1 engine. Use --agent-engine v2 or v3.");
        if (!settings.SignedIn && settings.DeviceLogin)
            WaitForLogin("Confirm the following code in the browser\nCode: ABCD-EFGH", text => Write(Encoding.UTF8.GetBytes(text + "\n")));
        if (!settings.SignedIn)
            FailInJson(json, null, "auth", "Not logged in. Set the KIRO_API_KEY environment variable or run `kiro-cli login` first.");
        if (engine == "v3" && RefusedTrust() is { } refused)
        {
            StandardError.Line(refused);
            FailInJson(json, null, "init", "server shut down unexpectedly");
        }

        json.RunStarted(engine);
        if (settings.FirstSessionMs > 0)
            Thread.Sleep(settings.FirstSessionMs);
        Faults(FaultPoint.SessionNew).Play();
        if (arguments.Agent is { } agent && !CatalogOf(engine).HasAgent(agent))
        {
            json.RunError(null, "launch", $"no agent with name {agent} found");
            _end.Exit(AgentNotFoundExitCode);
        }
        if (prompt.Length == 0)
            FailInJson(json, session.Id, "input", "Input must be supplied when running in non-interactive mode");
        if (arguments.Model is { } model && !CatalogOf(engine).HasModel(model))
            FailInJson(json, session.Id, "prompt", $"The model '{model}' is not available. Please select a different model.");

        LogPrompt(session, prompt);
        StreamJsonTurn turn = new(settings, arguments, session, prompt, engine, Faults(FaultPoint.Prompt, prompt), Faults(FaultPoint.Streaming, prompt), _end, json);
        string? failure = turn.Run();
        log.Write("turn-end", text: failure ?? "end_turn");
        if (failure is not null)
            FailInJson(json, session.Id, "prompt", failure);
        if (settings.IgnoreEof)
            Thread.Sleep(ProcessEnd.StubbornnessLimit);
    }

    [DoesNotReturn]
    private void FailInJson(StreamJson json, string? sessionId, string stage, string message)
    {
        json.RunError(sessionId, stage, message);
        _end.Exit(1);
    }

    /// <summary>Trust is no argument of v3 before 2.27.</summary>
    private string? RefusedTrust() => settings.IsAtLeast(2, 27) ? null
        : arguments.TrustAllTools ? "error: the following arguments are not supported with --agent-engine=v3: --trust-all-tools"
        : arguments.TrustTools.Count > 0 ? "error: the following arguments are not supported with --agent-engine=v3: --trust-tools"
        : null;

    private void RefuseTrustOnV3()
    {
        if (arguments.EngineOf(settings) == "v3" && RefusedTrust() is { } refused)
            _end.Crash($"{refused}\nerror: ACP initialize failed");
    }

    private Catalog CatalogOf(string engine) => new(settings, engine == "v3");

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
            WaitForLogin("Open https://device.sso.example.com/ and enter the code ABCD-EFGH", StandardError.Line);

        if (settings.FirstSessionMs > 0)
            Thread.Sleep(settings.FirstSessionMs);
        TextFaults faults = Faults(FaultPoint.SessionNew);
        faults.Play();
        Catalog catalog = CatalogOf(arguments.EngineOf(settings));
        if (faults.SilentFallback)
        {
            FallBack("agent", arguments.Agent, catalog.DefaultAgent);
            FallBack("model", arguments.Model, settings.DefaultModel);
            return;
        }

        if (arguments.Agent is { } agent && !catalog.HasAgent(agent))
            _end.Crash($"Error: no agent with name {agent} found", AgentNotFoundExitCode);
        if (arguments.Model is { } model && settings.Models.Length > 0 && !Array.Exists(settings.Models, offered => offered.Id == model))
            _end.Crash($"error: Model '{model}' does not exist. Available models: {string.Join(", ", settings.Models.Select(offered => offered.Id))}");
    }

    /// <summary>It opens a browser and waits for the user to sign in there.</summary>
    [DoesNotReturn]
    private void WaitForLogin(string words, Action<string> say)
    {
        say(words);
        Thread.Sleep(ProcessEnd.StubbornnessLimit);
        _end.Exit(1);
    }

    private static void FallBack(string what, string? asked, string taken)
    {
        if (asked is not null && asked != taken)
            StandardError.Line($"Warning: {what} '{asked}' not found. Falling back to {taken}");
    }

    private AcpSession NewSession(List<Exchange> history) =>
        new("", arguments.Agent ?? CatalogOf(arguments.EngineOf(settings)).DefaultAgent, arguments.Model ?? settings.DefaultModel) { History = history };

    private ChatTurn Turn(AcpSession session, string prompt)
    {
        LogPrompt(session, prompt);
        return new ChatTurn(settings, arguments, session, prompt, Faults(FaultPoint.Prompt, prompt), Faults(FaultPoint.Streaming, prompt), _end, Write);
    }

    private void LogPrompt(AcpSession session, string prompt) => log.Write("prompt", text: prompt, more: json =>
    {
        json.WriteString("agent"u8, session.Mode);
        json.WriteString("model"u8, session.Model);
    });

    private TextFaults Faults(FaultPoint at, string? prompt = null) => new(_faults.Take(at, prompt), at, _end, Write);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _output.Write(bytes);
        }
        catch (IOException)
        {
            // The reader has closed the pipe.
            _end.Exit(0);
        }
    }

    private static string ReadToEnd()
    {
        using StreamReader input = new(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return input.ReadToEnd();
    }
}
