using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>Reads the settings from the environment.</summary>
internal static class SettingsSource
{
    /// <summary>Holds JSON text when it starts with a brace, else the path of a JSON file.</summary>
    public const string Variable = "KIROPOOL_SIMULATOR";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="SettingsException">The JSON cannot be read or asks for something that cannot be.</exception>
    public static SimulatorSettings Read()
    {
        string? value = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrWhiteSpace(value))
            return new SimulatorSettings();

        bool isText = value.AsSpan().TrimStart().StartsWith('{');
        string source = isText ? Variable : value;
        try
        {
            string json = isText ? value : File.ReadAllText(value);
            using JsonDocument document = JsonDocument.Parse(json, Lenient);
            SimulatorSettings settings = new();
            SettingsReader.Fill(settings, document.RootElement);
            foreach (Fault fault in settings.Faults)
                fault.Validate();
            return settings;
        }
        catch (Exception e) when (e is JsonException or SettingsException)
        {
            throw new SettingsException($"{source}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{Variable} names a settings file that cannot be read: {e.Message}");
        }
    }
}

internal sealed class SettingsException(string message) : Exception(message);
