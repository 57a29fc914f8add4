using System.Text.Json;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>The version of the protocol that KiroPool speaks, and the failure of an agent that has only other versions.</summary>
internal static class AcpVersion
{
    public const int Spoken = 1;

    /// <summary>The code of the error for a version that the agent does not have.</summary>
    private const int Unsupported = -32022;

    /// <summary>The failure for an error; null for an error about something else.</summary>
    public static AgentException? Refusal(JsonRpcException error, string agent) =>
        error.Code == Unsupported ? NotSupported(agent, [.. Versions(error.Details)], error) : null;

    /// <summary>The failure for the version in an answer; null for the spoken version and for none.</summary>
    public static AgentException? Refusal(JsonElement version, string agent) =>
        version.ValueKind == JsonValueKind.Number && version.GetDouble() != Spoken ? NotSupported(agent, [version.GetRawText()], cause: null) : null;

    private static AgentException NotSupported(string agent, string[] versions, Exception? cause)
    {
        string has = versions.Length switch
        {
            0 => "does not have",
            1 => $"has only version {versions[0]} and not",
            _ => $"has only the versions {string.Join(", ", versions)} and not",
        };
        return new AgentException(FailureKind.NotSupported, $"The agent '{agent}' {has} version {Spoken} of the Agent Client Protocol, which KiroPool needs. Use a version of the agent that has it.", cause);
    }

    /// <summary>The versions that the data of the error lists as supported, whatever the name of the list.</summary>
    private static IEnumerable<string> Versions(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (JsonElement list in data.EnumerateObject().Select(member => member.Value).Where(value => value.ValueKind == JsonValueKind.Array))
        {
            foreach (JsonElement version in list.EnumerateArray().Where(v => v.ValueKind is JsonValueKind.Number or JsonValueKind.String))
                yield return version.ToString();
        }
    }
}
