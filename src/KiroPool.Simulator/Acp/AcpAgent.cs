using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>Reads the client's frames and hands each to its method. The reader never waits for what it started.</summary>
internal sealed class AcpAgent(AgentContext context)
{
    private readonly SessionMethods _sessions = new(context);
    private readonly SettingMethods _settings = new(context);
    private bool _initialized;

    public void Run(Stream input)
    {
        LineReader lines = new(input);
        try
        {
            while (lines.TryRead(out ReadOnlyMemory<byte> line))
                Take(line);
        }
        catch (Exception e) when (e is IOException or ClientGoneException)
        {
            // A broken stream is a closed one.
        }

        context.Log.Write("eof");
        if (context.Settings.IgnoreEof)
            Thread.Sleep(ProcessEnd.StubbornnessLimit);
        Thread.Sleep(context.Settings.EofMs);
        context.End.Exit(0);
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        line = line[..line.Span.TrimEnd(" \t\r"u8).Length];
        if (line.IsEmpty)
            return;

        JsonDocument frame;
        try
        {
            frame = JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            Fail("null", new RpcException(RpcException.ParseError, e.Message));
            return;
        }
        try
        {
            Take(frame.RootElement);
        }
        catch (InvalidOperationException e)
        {
            // A name or id with half a surrogate pair.
            Fail("null", new RpcException(RpcException.InvalidRequest, e.Message));
        }
        finally
        {
            frame.Dispose();
        }
    }

    private void Take(JsonElement frame)
    {
        if (frame.TryString("jsonrpc") != "2.0")
        {
            Fail("null", new RpcException(RpcException.InvalidRequest, "a frame is an object with \"jsonrpc\": \"2.0\""));
            return;
        }

        string? id = frame.TryGetProperty("id", out JsonElement value) ? value.GetRawText() : null;
        string? method = frame.TryString("method");
        _ = frame.TryGetProperty("params", out JsonElement parameters);
        if (method is null && id is null)
            Fail("null", new RpcException(RpcException.InvalidRequest, "neither id nor method"));
        else if (method is null)
            context.Requests.Answer(id!, frame);
        else if (id is not null)
            _ = AnswerAsync(id, method, parameters);
        else if (method == "session/cancel")
            _sessions.Cancel(parameters);
    }

    // The frame's memory is gone at the first pause, so every method reads its parameters before it.
    private async Task AnswerAsync(string id, string method, JsonElement parameters)
    {
        try
        {
            await RouteAsync(id, method, parameters).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            Fail(id, e);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            // Broken base64, or a string with half a surrogate pair.
            Fail(id, RpcException.Invalid(e.Message));
        }
        catch (ClientGoneException)
        {
            context.End.Exit(0);
        }
        catch (Exception e)
        {
            context.End.Crash($"the simulator itself failed: {e}", 70);
        }
    }

    private Task RouteAsync(string id, string method, JsonElement parameters)
    {
        if (method == "initialize")
            return InitializeAsync(id, parameters);
        if (!_initialized)
            throw new RpcException(RpcException.InvalidRequest, "initialize comes first");
        return method switch
        {
            "session/prompt" => _sessions.PromptAsync(id, parameters),
            "session/new" => _sessions.NewAsync(id, parameters),
            "session/load" when context.Settings.LoadSession => _sessions.LoadAsync(id, parameters),
            "session/list" when context.IsV3 => _sessions.ListAsync(id, parameters),
            "session/delete" when context.IsV3 && context.Dialect.CloseMethodOf("session/close") is not null => _sessions.DeleteAsync(id, parameters),
            "session/fork" when context.IsV3 => _sessions.ForkAsync(id, parameters),
            "session/set_mode" when context.Dialect.Knows(method) => _settings.SetModeAsync(id, parameters),
            "session/set_model" when context.Dialect.Knows(method) => _settings.SetModelAsync(id, parameters),
            "session/set_config_option" when context.Dialect.Knows(method) => _settings.SetConfigOptionAsync(id, parameters),
            "authenticate" when !context.Settings.SignedIn => throw V2Dialect.NotLoggedIn(),
            _ when context.Dialect.Usage(method) is { } usage => TellUsageAsync(id, usage),
            _ when context.Dialect.CloseMethodOf(method) is { } close => _sessions.CloseAsync(id, method, close, parameters),
            _ => throw context.Dialect.UnknownMethod(method),
        };
    }

    private async Task TellUsageAsync(string id, FrameBody usage)
    {
        context.Log.Write("usage");
        await AgentContext.PauseAsync(context.Settings.V3.UsageMs).ConfigureAwait(false);
        context.Wire.Respond(id, usage);
    }

    private async Task InitializeAsync(string id, JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object
            || !parameters.TryGetProperty("protocolVersion", out JsonElement version)
            || version.ValueKind != JsonValueKind.Number)
            throw RpcException.Invalid("protocolVersion must be an integer");

        context.Log.Write("initialize");
        await new FaultStep(context, FaultPoint.Initialize, id).PlayAsync(context.Faults.Take(FaultPoint.Initialize)).ConfigureAwait(false);
        await AgentContext.PauseAsync(context.Settings.InitializeMs).ConfigureAwait(false);
        _initialized = true;
        context.Wire.Respond(id, context.Dialect.WriteInitialize);
        context.Dialect.Initialized();
    }

    private void Fail(string id, RpcException error)
    {
        context.Log.Write("error", text: error.Message, more: json => json.WriteNumber("code"u8, error.Code));
        context.Wire.Fail(id, error);
    }
}
