using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The options of a v3 session. That of the model is missing until the list of models has been fetched.</summary>
internal sealed class V3Options(AgentContext context)
{
    /// <summary>When the list of models is known.</summary>
    public ModelsCome Come { get; } = context.Settings.V3.Models
        ?? (context.Settings.IsAtLeast(2, 19) ? ModelsCome.Late : ModelsCome.Reply);

    /// <summary>Says all options, that of the model among them, in an update of its own. Once a session.</summary>
    public void Announce(AcpSession session)
    {
        if (session.KnowsModels)
            return;
        session.KnowsModels = true;
        context.Wire.Update(session.Id, "config_option_update", json => Write(json, session, withModels: true));
    }

    public void Write(Utf8JsonWriter json, AcpSession session, bool withModels)
    {
        json.WriteStartArray("configOptions"u8);
        WriteSelect(json, "mode", "Mode", "mode", session.Mode, context.Catalog.Agents.Select(agent => (agent, agent)));
        if (withModels)
            WriteModels(json, session);
        WriteSelect(json, "memoryReflection", "Memory", null, session.Options.GetValueOrDefault("memoryReflection", "on"), OnOff);
        WriteSelect(json, "autopilot", "Autopilot", null, session.Options.GetValueOrDefault("autopilot", context.Settings.V3.Autopilot ? "on" : "off"), OnOff);
        WriteSelect(json, "contentCollection", "Content collection", null, session.Options.GetValueOrDefault("contentCollection", "off"), OnOff);
        json.WriteEndArray();
    }

    private static readonly (string, string)[] OnOff = [("on", "On"), ("off", "Off")];

    private void WriteModels(Utf8JsonWriter json, AcpSession session)
    {
        WriteStart(json, "model", "Model", "model", session.Model);
        foreach (ModelSetting model in context.Settings.Models)
        {
            json.WriteStartObject();
            json.WriteString("value"u8, model.Id);
            json.WriteString("name"u8, model.Name);
            json.WriteKiroMeta(static kiro =>
            {
                kiro.WriteNumber("rateMultiplier"u8, 1);
                kiro.WriteString("rateUnit"u8, "Credit"u8);
                kiro.WriteBoolean("hasEffort"u8, false);
            });
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSelect(Utf8JsonWriter json, string id, string name, string? category, string current, IEnumerable<(string, string)> values)
    {
        WriteStart(json, id, name, category, current);
        foreach ((string value, string label) in values)
        {
            json.WriteStartObject();
            json.WriteString("value"u8, value);
            json.WriteString("name"u8, label);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, string id, string name, string? category, string current)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "select"u8);
        json.WriteString("id"u8, id);
        json.WriteString("name"u8, name);
        if (category is not null)
            json.WriteString("category"u8, category);
        json.WriteString("currentValue"u8, current);
        json.WriteStartArray("options"u8);
    }
}
