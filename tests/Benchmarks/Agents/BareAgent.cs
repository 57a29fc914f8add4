using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KiroPool.Benchmarks.Agents;

/// <summary>
/// The floor: the same agent with nothing but its pipe. Lines are written as bytes, read by a blocking thread, and not
/// parsed. The round trips are those of the engine: the prompt, during it the session for the next prompt, and after it
/// the close of the used session.
/// </summary>
internal sealed class BareAgent : IDisposable
{
    private readonly Process _process;
    private readonly Stream _input;
    private readonly BareLines _lines;
    private readonly string _newSession = $$$""","method":"session/new","params":{"cwd":{{{JsonSerializer.Serialize(AppContext.BaseDirectory)}}},"mcpServers":[]}}""";
    private readonly MemoryStream _frame = new();
    private long _lastId;
    private long _awaitedSession;
    private string? _session;
    private StringBuilder? _text;

    public BareAgent(AgentProgram program)
    {
        var info = new ProcessStartInfo(program.Executable, program.Arguments)
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        program.AddTo(info.Environment);
        _process = Process.Start(info)!;
        _input = _process.StandardInput.BaseStream;
        _lines = new BareLines(_process.StandardOutput.BaseStream);
        long id = Send(""","method":"initialize","params":{"protocolVersion":1,"clientCapabilities":{"fs":{"readTextFile":false,"writeTextFile":false},"terminal":false}}}""");
        ReadUntil(id);
        _awaitedSession = Send(_newSession);
        ReadUntil(_awaitedSession);
    }

    /// <summary>One stand-alone prompt.</summary>
    public void Prompt(string text)
    {
        if (_session is null)
            ReadUntil(_awaitedSession);
        string session = _session!;
        _session = null;
        long id = Send($$$""","method":"session/prompt","params":{"sessionId":"{{{session}}}","prompt":[{"type":"text","text":"{{{text}}}"}]}}""");
        _awaitedSession = Send(_newSession);
        ReadUntil(id);
        Send($$$""","method":"session/close","params":{"sessionId":"{{{session}}}"}}""");
    }

    /// <summary>One stand-alone prompt whose text is read by one pass of the framework's JSON reader: the least cost of an answer as a string.</summary>
    public string PromptForText(string text)
    {
        _text = new StringBuilder();
        Prompt(text);
        string answer = _text.ToString();
        _text = null;
        return answer;
    }

    /// <summary>One prompt, without preparing the next session.</summary>
    public void LastPrompt(string text) =>
        ReadUntil(Send($$$""","method":"session/prompt","params":{"sessionId":"{{{_session}}}","prompt":[{"type":"text","text":"{{{text}}}"}]}}"""));

    /// <summary>One prompt that is cancelled during its turn.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="waitForTurn">Returns when the turn has begun.</param>
    /// <returns>When it was cancelled.</returns>
    public DateTime CancelledPrompt(string text, Action waitForTurn)
    {
        long id = Send($$$""","method":"session/prompt","params":{"sessionId":"{{{_session}}}","prompt":[{"type":"text","text":"{{{text}}}"}]}}""");
        waitForTurn();
        DateTime asked = DateTime.UtcNow;
        Write($$$"""{"jsonrpc":"2.0","method":"session/cancel","params":{"sessionId":"{{{_session}}}"}}""");
        ReadUntil(id);
        return asked;
    }

    /// <summary>Closes stdin and waits for the end, as a polite one-shot client does.</summary>
    public void EndPolitely()
    {
        _input.Dispose();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private long Send(string rest)
    {
        Write(string.Create(CultureInfo.InvariantCulture, $"{{\"jsonrpc\":\"2.0\",\"id\":{++_lastId}{rest}"));
        return _lastId;
    }

    private void Write(string line)
    {
        _frame.SetLength(0);
        _frame.Write(Encoding.UTF8.GetBytes(line));
        _frame.WriteByte((byte)'\n');
        _input.Write(_frame.GetBuffer(), 0, (int)_frame.Length);
        _input.Flush();
    }

    /// <summary>Reads up to the response to a request, and takes the session out of one that brings it.</summary>
    private void ReadUntil(long id)
    {
        while (_lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!line.StartsWith("{\"jsonrpc\":\"2.0\",\"id\":"u8))
            {
                if (_text is not null)
                    ReadText(line, _text);
                continue;
            }

            long answered = BareLines.NumberAfter(line, "\"id\":"u8);
            if (answered == _awaitedSession)
                _session = Encoding.UTF8.GetString(BareLines.StringAfter(line, "\"sessionId\":\""u8));
            if (answered == id)
                return;
        }

        throw new InvalidOperationException("The agent ended.");
    }

    private static void ReadText(ReadOnlySpan<byte> line, StringBuilder text)
    {
        var reader = new Utf8JsonReader(line);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("text"u8) && reader.Read())
                text.Append(reader.GetString());
        }
    }
}
