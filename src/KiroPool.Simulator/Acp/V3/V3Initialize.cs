using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The answer of v3 to <c>initialize</c>: it names no agent, and says what Kiro it is in <c>_meta.kiro</c>.</summary>
internal static class V3Initialize
{
    private static readonly string[] ExtensionMethods =
        ["_kiro/knowledge", "_kiro/codeIntelligence", "_kiro/session/context", "_kiro/session/compact", "_kiro/session/export", "_kiro/session/history"];

    public static void Write(Utf8JsonWriter json, SimulatorSettings settings, CloseStyle close)
    {
        json.WriteNumber("protocolVersion"u8, 1);
        json.WriteStartObject("agentCapabilities"u8);
        json.WriteBoolean("loadSession"u8, settings.LoadSession);
        json.WriteStartObject("promptCapabilities"u8);
        json.WriteBoolean("image"u8, settings.ImagePrompts);
        json.WriteBoolean("embeddedContext"u8, true);
        json.WriteEndObject();
        json.WriteStartObject("mcpCapabilities"u8);
        json.WriteBoolean("http"u8, true);
        json.WriteBoolean("sse"u8, true);
        json.WriteEndObject();
        json.WriteStartObject("sessionCapabilities"u8);
        string[] capabilities = close == CloseStyle.Standard ? ["list", "close", "delete"] : ["list"];
        foreach (string capability in capabilities)
        {
            json.WriteStartObject(capability);
            json.WriteEndObject();
        }
        json.WriteStartObject("fork"u8);
        json.WriteKiroMeta(static kiro => kiro.WriteBoolean("messageId"u8, true));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteKiroMeta(WriteKiro);
        json.WriteEndObject();

        // Listed whether or not an account is signed in.
        json.WriteStartArray("authMethods"u8);
        WriteAuthMethod(json, "aws-builder-id", "AWS Builder ID");
        WriteAuthMethod(json, "aws-iam-identity-center", "AWS IAM Identity Center");
        json.WriteEndArray();
    }

    private static void WriteKiro(Utf8JsonWriter json)
    {
        json.WriteBoolean("checkpoints"u8, true);
        json.WriteBoolean("sessionList"u8, true);
        json.WriteBoolean("policyNotifications"u8, true);
        json.WriteStartArray("extensionMethods"u8);
        foreach (string method in ExtensionMethods)
            json.WriteStringValue(method);
        json.WriteEndArray();
        json.WriteStartArray("sessionSources"u8);
        json.WriteStringValue("local"u8);
        json.WriteEndArray();
        json.WriteBoolean("replayMarking"u8, true);
        json.WriteStartObject("logging"u8);
        json.WriteString("logDir"u8, Path.Combine(Path.GetTempPath(), ".kiro", "logs"));
        json.WriteEndObject();
    }

    private static void WriteAuthMethod(Utf8JsonWriter json, string id, string name)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("name"u8, name);
        json.WriteEndObject();
    }
}
