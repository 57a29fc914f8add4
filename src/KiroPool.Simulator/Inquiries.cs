using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The short commands that answer a question and end.</summary>
internal static class Inquiries
{
    public const string Version = "2.9.0";

    public static int ShowVersion(EventLog log)
    {
        log.Write("version");
        Console.Out.WriteLine($"kiro-cli {Version} (simulator)");
        return 0;
    }

    public static int ShowAcpHelp(SimulatorSettings settings, EventLog log)
    {
        log.Write("help");
        List<string> options = ["      --trust-tools <TOOLS>    Trust only these tools, comma-separated"];
        if (settings.Engine == AgentEngine.V3)
        {
            options.Insert(0, "      --auth-method <METHOD>   How to sign in [possible values: cli]");
        }
        else
        {
            options.InsertRange(0,
            [
                "      --agent <AGENT>          Agent of the first session",
                "      --model <MODEL>          Model of the first session",
                "      --effort <EFFORT>        Reasoning effort of the first session",
                "      --trust-all-tools        Run every tool without asking",
            ]);
        }
        if (settings.EngineFlag)
            options.Add("      --agent-engine <ENGINE>  Agent engine [possible values: v1, v2, v3]");
        options.Add("  -h, --help                   Print help");
        Console.Out.WriteLine($"Agent Client Protocol on stdin and stdout\n\nUsage: kiro-cli acp [OPTIONS]\n\nOptions:\n{string.Join('\n', options)}");
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
