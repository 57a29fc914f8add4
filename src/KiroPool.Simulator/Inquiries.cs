using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The short commands that answer a question and end.</summary>
internal static class Inquiries
{
    public static int ShowVersion(SimulatorSettings settings, EventLog log)
    {
        log.Write("version");
        Console.Out.WriteLine($"kiro-cli {settings.TheVersion} (simulator)");
        return 0;
    }

    /// <summary>Lists what the parser knows, v2's arguments among them where v3 will refuse them.</summary>
    public static int ShowAcpHelp(SimulatorSettings settings, EventLog log)
    {
        log.Write("help");
        List<string> options =
        [
            "      --agent <AGENT>          Agent of the first session",
            "      --model <MODEL>          Model of the first session",
            "      --effort <EFFORT>        Reasoning effort of the first session",
            "      --trust-all-tools        Run every tool without asking",
            "      --trust-tools <TOOLS>    Trust only these tools, comma-separated",
        ];
        if (settings.EngineFlag)
            options.Add($"      --agent-engine <ENGINE>  Agent engine [possible values: {string.Join(", ", settings.Engines)}]");
        if (settings.KnowsAuthMethod)
            options.Add("      --auth-method <METHOD>   How to sign in [possible values: cli]");
        return ShowHelp("Agent Client Protocol on stdin and stdout", "acp", options);
    }

    public static int ShowChatHelp(SimulatorSettings settings, EventLog log)
    {
        log.Write("chat-help");
        List<string> options =
        [
            "      --agent <AGENT>          Agent of the conversation",
            "      --model <MODEL>          Model of the conversation",
            "      --trust-all-tools        Run every tool without asking",
            "      --trust-tools <TOOLS>    Trust only these tools, comma-separated",
            "      --resume                 Continue the newest conversation of the directory",
            "      --no-interactive         Answer the prompt on stdin and end",
        ];
        if (settings.EngineFlag)
            options.Add($"      --agent-engine <ENGINE>  Agent engine [possible values: {string.Join(", ", settings.Engines)}]");
        if (settings.KnowsStreamJson)
            options.Add("      --output-format <FORMAT> Format of the answer [possible values: text, stream-json]");
        return ShowHelp("Talk to an agent", "chat", options);
    }

    private static int ShowHelp(string about, string command, List<string> options)
    {
        options.Add("  -h, --help                   Print help");
        Console.Out.WriteLine($"{about}\n\nUsage: kiro-cli {command} [OPTIONS]\n\nOptions:\n{string.Join('\n', options)}");
        return 0;
    }

    public static int WhoAmI(ReadOnlySpan<string> arguments, SimulatorSettings settings, EventLog log)
    {
        bool json = TakesJson(arguments);
        log.Write("whoami");
        if (settings.WhoAmIMs > 0)
            Thread.Sleep(settings.WhoAmIMs);
        if (!settings.SignedIn)
        {
            if (json)
                Console.Out.WriteLine("{\"account\":null}");
            Console.Error.WriteLine("Not logged in");
            return 1;
        }
        Console.Out.WriteLine(json
            ? "{\"accountType\":\"BuilderId\",\"email\":\"simulator@example.com\",\"region\":\"us-east-1\"}"
            : "Logged in with Builder ID\nsimulator@example.com");
        return 0;
    }

    public static int ListModels(ReadOnlySpan<string> arguments, SimulatorSettings settings, EventLog log)
    {
        log.Write("list-models");
        if (!settings.SignedIn)
        {
            Console.Error.WriteLine("error: You are not logged in, please log in with kiro-cli login");
            return 1;
        }

        if (!TakesJson(arguments))
        {
            foreach (ModelSetting model in settings.Models)
                Console.Out.WriteLine($"{(model.Id == settings.DefaultModel ? '*' : ' ')} {model.Id,-24} {model.Name}");
            return 0;
        }

        using Stream output = Console.OpenStandardOutput();
        using Utf8JsonWriter json = new(output, new JsonWriterOptions { Encoder = KiroTextEncoder.Instance });
        json.WriteStartObject();
        json.WriteStartArray("models"u8);
        foreach (ModelSetting model in settings.Models)
        {
            json.WriteStartObject();
            json.WriteString("model_id"u8, model.Id);
            json.WriteString("model_name"u8, model.Name);
            json.WriteString("description"u8, $"{model.Name}, simulated");
            json.WriteNumber("context_window_tokens"u8, 200_000);
            json.WriteNumber("rate_multiplier"u8, 1.0);
            json.WriteString("rate_unit"u8, "credit"u8);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("default_model"u8, settings.DefaultModel);
        json.WriteEndObject();
        return 0;
    }

    private static bool TakesJson(ReadOnlySpan<string> arguments) => arguments switch
    {
        [] => false,
        ["--format" or "-f", "json"] or ["--format=json"] => true,
        ["--format" or "-f", "plain"] or ["--format=plain"] => false,
        _ => throw AcpArguments.Unexpected(arguments[0]),
    };
}
