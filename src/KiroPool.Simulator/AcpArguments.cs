namespace KiroPool.Simulator;

/// <summary>The command line of <c>acp</c>.</summary>
internal sealed class AcpArguments
{
    public string? Agent { get; private set; }

    public string? Model { get; private set; }

    public string? Engine { get; private set; }

    public bool TrustAllTools { get; private set; }

    /// <summary>Tool kinds that run without a question.</summary>
    public IReadOnlyList<string> TrustTools { get; private set; } = [];

    /// <summary>How to sign in, as v3 wants to be told.</summary>
    public string? AuthMethod { get; private set; }

    public bool Help { get; private set; }

    /// <exception cref="UsageException">An argument is unknown to this version, or lacks its value.</exception>
    public static AcpArguments Parse(ReadOnlySpan<string> arguments, SimulatorSettings settings)
    {
        AcpArguments parsed = new();
        List<string> v2Flags = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            string flag = arguments[i];
            int equals = flag.IndexOf('=', StringComparison.Ordinal);
            string? value = equals < 0 ? null : flag[(equals + 1)..];
            flag = equals < 0 ? flag : flag[..equals];
            switch (flag)
            {
                case "--agent":
                    parsed.Agent = value ?? Next(arguments, ref i);
                    v2Flags.Add(flag);
                    break;
                case "--model":
                    parsed.Model = value ?? Next(arguments, ref i);
                    v2Flags.Add(flag);
                    break;
                case "--effort":
                    _ = value ?? Next(arguments, ref i);
                    v2Flags.Add(flag);
                    break;
                case "--trust-all-tools" when value is null:
                    parsed.TrustAllTools = true;
                    v2Flags.Add(flag);
                    break;
                case "--trust-tools":
                    v2Flags.Add(flag);
                    parsed.TrustTools = (value ?? Next(arguments, ref i)).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    break;
                case "--auth-method" or "--authMethod" when settings.KnowsAuthMethod:
                    parsed.AuthMethod = value ?? Next(arguments, ref i);
                    if (parsed.AuthMethod != "cli")
                        throw new UsageException($"invalid value '{parsed.AuthMethod}' for '--auth-method <METHOD>'\n  [possible values: cli]");
                    break;
                case "--agent-engine" when settings.EngineFlag:
                    parsed.Engine = value ?? Next(arguments, ref i);
                    CheckEngine(parsed.Engine, settings);
                    break;
                case "--help" or "-h":
                    parsed.Help = true;
                    break;
                default:
                    throw Unexpected(arguments[i]);
            }
        }

        if (parsed.Help)
            return parsed;
        if (parsed.IsV3(settings) && v2Flags.Count > 0)
            throw NotOnV3(v2Flags);
        return !parsed.IsV3(settings) && parsed.AuthMethod is not null
            ? throw new UsageException("the argument '--auth-method <METHOD>' requires '--agent-engine=v3'")
            : parsed;
    }

    /// <summary>Whether v3 is the engine that runs.</summary>
    public bool IsV3(SimulatorSettings settings) => Engine is null ? settings.Engine == AgentEngine.V3 : Engine == "v3";

    /// <summary>The refusal of what v3 has no use for, which its help lists all the same.</summary>
    public static UsageException NotOnV3(IEnumerable<string> flags) =>
        new($"the following arguments are not supported with --agent-engine=v3: {string.Join(", ", flags.Distinct())}\n\nUsage: kiro-cli acp [OPTIONS]");

    /// <exception cref="UsageException">The engine is unknown to this version, or is gone.</exception>
    public static void CheckEngine(string engine, SimulatorSettings settings)
    {
        if (!settings.Engines.Contains(engine))
            throw new UsageException($"invalid value '{engine}' for '--agent-engine <ENGINE>'\n  [possible values: {string.Join(", ", settings.Engines)}]");
    }

    public static UsageException Unexpected(string argument) => new($"unexpected argument '{argument}' found");

    public static string Next(ReadOnlySpan<string> arguments, ref int index) => ++index < arguments.Length
        ? arguments[index]
        : throw new UsageException($"a value is required for '{arguments[index - 1]}' but none was supplied");
}

internal sealed class UsageException(string message) : Exception(message);
