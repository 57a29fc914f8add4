using System.Globalization;
using System.Reflection;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.State;

/// <summary>The parameters by which a requested pool differs from the running one. Values that may be secret are not in the texts.</summary>
internal static class PoolDifference
{
    // SweepInterval follows from the others. Hosts are compared in full, and ConnectTimeout has another unit.
    private static readonly PropertyInfo[] Limits =
        [.. typeof(PoolOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite && property.Name is not (nameof(PoolOptions.SweepInterval) or nameof(PoolOptions.Hosts) or nameof(PoolOptions.ConnectTimeout)))];

    /// <summary>One text per parameter, for example "-MaxSize is 2, not 3".</summary>
    /// <param name="present">The running pool.</param>
    /// <param name="options">The requested limits.</param>
    /// <param name="spec">The requested agent.</param>
    /// <param name="permissions">The requested trust.</param>
    /// <param name="fixesDirectory">Whether a directory was requested. The present location is no request.</param>
    /// <param name="paths">The requested map of paths.</param>
    public static IReadOnlyList<string> Between(PoolInfo present, PoolOptions options, AgentSpec spec, PermissionPolicy permissions, bool fixesDirectory, PathMap paths)
    {
        var all = new List<string>();
        foreach (PropertyInfo limit in Limits)
            Compare(ParameterOf(limit.Name), InUnits(limit, present.Options), InUnits(limit, options));

        if (present.Options.Hosts.ToString() != options.Hosts.ToString())
            Compare("HostName", present.Options.Hosts.ToString(), options.Hosts.ToString());
        else
            CompareHosts();
        Compare("ShareConnection", TextOf(present.Options.Hosts.Any(host => host.SharesConnection)), TextOf(options.Hosts.Any(host => host.SharesConnection)));

        Compare("ConnectingTimeout", Milliseconds(present.Options.ConnectTimeout), Milliseconds(options.ConnectTimeout));
        Compare("PathMap", present.PathMap.ToString(), paths.ToString());
        AgentSpec running = present.Pool.DefaultSpec;
        Compare("FilePath", running.Executable, spec.Executable);
        Compare("Protocol", running.Protocol.ToString(), spec.Protocol.ToString());
        Compare("Engine", running.Engine?.ToString(), spec.Engine?.ToString());
        Compare("Agent", running.Agent, spec.Agent);
        Compare("Model", running.Model, spec.Model);
        if (fixesDirectory)
            Compare("WorkingDirectory", present.FollowsLocation ? "the present location" : running.WorkingDirectory, spec.WorkingDirectory);
        CompareHidden("ArgumentList", running.UsesKiroCommandLine == spec.UsesKiroCommandLine && running.Arguments.SequenceEqual(spec.Arguments));
        CompareHidden("McpServer", running.Session.McpServers.SequenceEqual(spec.Session.McpServers));
        CompareHidden("ConfigOption", running.Session.ConfigOptions.SequenceEqual(spec.Session.ConfigOptions));
        CompareHidden("AdditionalDirectory", running.Session.AdditionalDirectories.SequenceEqual(spec.Session.AdditionalDirectories));
        CompareHidden("SystemPrompt", running.Session.SystemPrompt == spec.Session.SystemPrompt);
        CompareHidden("SessionMeta", running.Session.Meta == spec.Session.Meta);
        CompareHidden("Environment", running.Environment.SequenceEqual(spec.Environment));
        Compare("TrustAllTools", TextOf(present.TrustAllTools), TextOf(permissions.TrustAllTools));
        if (!present.TrustTools.SequenceEqual(permissions.TrustTools, StringComparer.OrdinalIgnoreCase))
            Compare("TrustTools", string.Join(", ", present.TrustTools), string.Join(", ", permissions.TrustTools));
        if (spec.Protocol != AgentProtocol.Acp)
        {
            Compare("ResumeConversation", TextOf(running.Text.ResumeConversation), TextOf(spec.Text.ResumeConversation));
            Compare("ReuseProcesses", TextOf(running.Text.ReuseProcesses), TextOf(spec.Text.ReuseProcesses));
            CompareHidden("MessageDelimiter", running.Text.MessageDelimiter == spec.Text.MessageDelimiter);
            CompareHidden("ResponseDelimiter", running.Text.ResponseDelimiter == spec.Text.ResponseDelimiter);
        }

        return all;

        void Compare(string parameter, string? now, string? requested)
        {
            if (now != requested)
                all.Add($"-{parameter} is {Named(now)}, not {Named(requested)}");
        }

        // Words of a command and options of ssh may be secret.
        void CompareHosts()
        {
            foreach (IGrouping<bool, (AgentHost Now, AgentHost Requested)> kind in present.Options.Hosts.Zip(options.Hosts).GroupBy(pair => pair.Second.Prefix is null || HostReader.IsSsh(pair.Second)))
                CompareHidden(kind.Key ? "SSHConnection" : "HostCommand", kind.All(pair => (pair.Now with { SharesConnection = pair.Requested.SharesConnection }) == pair.Requested));
        }

        void CompareHidden(string parameter, bool isSame)
        {
            if (!isSame)
                all.Add($"-{parameter} differs");
        }
    }

    private static string? Milliseconds(TimeSpan? time) => time?.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);

    private static string Named(string? value) => string.IsNullOrEmpty(value) ? "not set" : value;

    /// <summary>Limits in units have the unit in the name of their parameter.</summary>
    private static string ParameterOf(string limit) =>
        limit == nameof(PoolOptions.MaxMemoryBytes) ? "MaxMemoryMB"
        : limit == nameof(PoolOptions.HostLostAfter) ? "HostLostSec"
        : typeof(PoolOptions).GetProperty(limit)!.PropertyType == typeof(TimeSpan) ? $"{limit}Sec"
        : limit;

    private static string? InUnits(PropertyInfo limit, PoolOptions options) =>
        limit.Name == nameof(PoolOptions.MaxMemoryBytes) ? (options.MaxMemoryBytes / 1e6).ToString(CultureInfo.InvariantCulture) : TextOf(limit.GetValue(options));

    private static string? TextOf(object? value) => value switch
    {
        TimeSpan time => time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        bool set => set ? "set" : null,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
