using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using System.Text;
using KiroPool.Binding.Objects;
using KiroPool.Engine.Agents;

namespace KiroPool.Binding;

/// <summary>Makes the settings of sessions from parameters.</summary>
internal static class SessionSettingsReader
{
    private const int MostMeta = 1024 * 1024;
    private const int MetaDepth = 20;

    /// <summary>The settings; those of <paramref name="present"/> where a parameter is null.</summary>
    /// <exception cref="AgentException">A server, an option or a directory cannot be used.</exception>
    public static SessionSettings Read(
        SessionState session,
        SessionSettings present,
        object[]? servers = null,
        IDictionary? options = null,
        string[]? directories = null,
        string? systemPrompt = null,
        IDictionary? meta = null) => present with
        {
            McpServers = servers is null ? present.McpServers : McpServerReader.Read(session, servers),
            ConfigOptions = options is null ? present.ConfigOptions : ReadOptions(options),
            AdditionalDirectories = directories is null ? present.AdditionalDirectories : [.. directories.Select(session.ResolveDirectory)],
            SystemPrompt = systemPrompt ?? present.SystemPrompt,
            Meta = meta is null ? present.Meta : ReadMeta(meta),
        };

    /// <summary>A hashtable as the JSON object of a <c>_meta</c>.</summary>
    /// <exception cref="AgentException">NotSupported: it is too long.</exception>
    public static string ReadMeta(IDictionary meta)
    {
        var json = new BoundedBytes(MostMeta);
        new ObjectJson(MetaDepth, new ObjectViews()).Write(json, PSObject.AsPSObject(meta));
        return json.IsTooLong
            ? throw new AgentException(FailureKind.NotSupported, $"The metadata has {json.Length:N0} bytes as JSON; the most are {MostMeta:N0}.")
            : Encoding.UTF8.GetString(json.Written);
    }

    private static ImmutableSortedDictionary<string, string> ReadOptions(IDictionary options)
    {
        ImmutableSortedDictionary<string, string>.Builder all = SessionSettings.Default.ConfigOptions.ToBuilder();
        foreach (DictionaryEntry option in options)
        {
            object? value = option.Value is PSObject wrapped ? wrapped.BaseObject : option.Value;
            all[$"{option.Key}"] = value switch
            {
                bool isOn => isOn ? "true" : "false",
                SwitchParameter isOn => isOn ? "true" : "false",
                string or IFormattable => LanguagePrimitives.ConvertTo<string>(value),
                _ => throw new AgentException(FailureKind.NotSupported, $"The option '{option.Key}' has a value that is a {value?.GetType().Name ?? "null"}. Give a string, or $true or $false.") { Value = option.Key },
            };
        }

        return all.ToImmutable();
    }
}
