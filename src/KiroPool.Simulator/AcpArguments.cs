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
                    parsed.TrustTools = (value ?? Next(arguments, ref i)).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    break;
                case "--auth-method":
                    parsed.AuthMethod = value ?? Next(arguments, ref i);
                    break;
                case "--agent-engine" when settings.EngineFlag:
                    parsed.Engine = value ?? Next(arguments, ref i);
                    if (parsed.Engine is not ("v1" or "v2" or "v3"))
                        throw new UsageException($"invalid value '{parsed.Engine}' for '--agent-engine <ENGINE>'");
                    break;
                case "--help" or "-h":
                    parsed.Help = true;
                    break;
                default:
                    throw Unexpected(arguments[i]);
            }
        }

        bool isV3 = settings.Engine == AgentEngine.V3 || parsed.Engine == "v3";
        return isV3 && v2Flags.Count > 0 ? throw Unexpected(v2Flags[0]) : parsed;
    }

    public static UsageException Unexpected(string argument) => new($"unexpected argument '{argument}' found");

    public static string Next(ReadOnlySpan<string> arguments, ref int index) => ++index < arguments.Length
        ? arguments[index]
        : throw new UsageException($"a value is required for '{arguments[index - 1]}' but none was supplied");
}

internal sealed class UsageException(string message) : Exception(message);
