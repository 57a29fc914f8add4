using System.Text.Json;
using System.Text.Json.Serialization;

namespace KiroPool.Simulator;

/// <summary>Reads the settings from the environment.</summary>
internal static class SettingsSource
{
    /// <summary>Holds JSON text when it starts with a brace, else the path of a JSON file.</summary>
    public const string Variable = "KIROPOOL_SIMULATOR";

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
            SimulatorSettings settings = JsonSerializer.Deserialize(json, SettingsJson.Default.SimulatorSettings)
                ?? throw new SettingsException($"{source}: null is no settings object");
            foreach (Fault fault in settings.Faults)
                fault.Validate();
            return settings;
        }
        catch (JsonException e)
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

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SimulatorSettings))]
internal sealed partial class SettingsJson : JsonSerializerContext;
