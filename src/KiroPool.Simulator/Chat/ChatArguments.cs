namespace KiroPool.Simulator;

/// <summary>The command line of <c>chat</c>, with or without a user at the other end.</summary>
internal sealed class ChatArguments
{
    public string? Agent { get; private set; }

    public string? Model { get; private set; }

    public bool Resume { get; private set; }

    public bool NoInteractive { get; private set; }

    public bool Interactive { get; private set; }

    public bool Help { get; private set; }

    public string? Engine { get; private set; }

    /// <summary>The answer comes as one JSON object per line.</summary>
    public bool StreamJson { get; private set; }

    public bool TrustAllTools { get; private set; }

    /// <summary>Tool kinds that run without a question.</summary>
    public IReadOnlyList<string> TrustTools { get; private set; } = [];

    /// <exception cref="UsageException">An argument is unknown to this version, or lacks its value.</exception>
    public static ChatArguments Parse(ReadOnlySpan<string> arguments, SimulatorSettings settings)
    {
        ChatArguments parsed = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string flag = arguments[i];
            int equals = flag.IndexOf('=', StringComparison.Ordinal);
            string? value = equals < 0 ? null : flag[(equals + 1)..];
            switch (equals < 0 ? flag : flag[..equals])
            {
                case "--agent":
                    parsed.Agent = value ?? AcpArguments.Next(arguments, ref i);
                    break;
                case "--model":
                    parsed.Model = value ?? AcpArguments.Next(arguments, ref i);
                    break;
                case "--trust-tools":
                    parsed.TrustTools = (value ?? AcpArguments.Next(arguments, ref i)).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    break;
                case "--trust-all-tools" when value is null:
                    parsed.TrustAllTools = true;
                    break;
                case "--output-format" when settings.KnowsStreamJson:
                    parsed.StreamJson = (value ?? AcpArguments.Next(arguments, ref i)) switch
                    {
                        "stream-json" => true,
                        "text" => false,
                        var format => throw new UsageException($"invalid value '{format}' for '--output-format <FORMAT>'\n  [possible values: text, stream-json]"),
                    };
                    break;
                case "--agent-engine" when settings.EngineFlag:
                    parsed.Engine = value ?? AcpArguments.Next(arguments, ref i);
                    AcpArguments.CheckEngine(parsed.Engine, settings);
                    break;
                case "--v2" or "--v3" when value is null && settings.EngineFlag:
                    parsed.Engine = flag[2..];
                    AcpArguments.CheckEngine(parsed.Engine, settings);
                    break;
                case "--help" or "-h":
                    parsed.Help = true;
                    return parsed;
                case "--resume" when value is null:
                    parsed.Resume = true;
                    break;
                case "--no-interactive" when value is null:
                    parsed.NoInteractive = true;
                    break;
                case "--interactive" when value is null && settings.Interactive:
                    parsed.Interactive = true;
                    break;
                default:
                    throw AcpArguments.Unexpected(arguments[i]);
            }
        }

        parsed.NoInteractive |= parsed.StreamJson;
        return parsed.NoInteractive != parsed.Interactive
            ? parsed
            : throw new UsageException("chat wants a terminal, --no-interactive or --interactive");
    }

    /// <summary>The engine that runs.</summary>
    public string EngineOf(SimulatorSettings settings) => Engine ?? (settings.Engine == AgentEngine.V3 ? "v3" : "v2");
}
