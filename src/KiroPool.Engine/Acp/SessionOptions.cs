using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>
/// Sets the requested options of a session, and checks each by the reply. Some agents replace an unknown value by another
/// one without an error.
/// </summary>
internal sealed class SessionOptions(JsonRpcConnection rpc, string agent)
{
    private static readonly string[] Yes = ["true", "on", "yes", "enabled"];
    private static readonly string[] No = ["false", "off", "no", "disabled"];

    /// <summary>Sets the options in the order in which the agent offers them: a model may bring options of its own.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>: the agent has no such option or value.</exception>
    public async Task SetAsync(AcpSession session, IEnumerable<KeyValuePair<string, string>> asked, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> left = [.. asked];
        while (left.Count > 0)
        {
            int next = left.FindIndex(wish => Find(session.Options, wish.Key) is not null);
            if (next < 0)
            {
                string offers = session.Options is { Count: > 0 } options ? $"offers {string.Join(", ", options.Select(o => o.Id))}" : "offers no options";
                throw SessionExtras.NotSupported(agent, $"has no option '{left[0].Key}'; it {offers}.", left[0].Key);
            }

            await SetAsync(session, Find(session.Options, left[next].Key)!, left[next].Value, cancellationToken).ConfigureAwait(false);
            left.RemoveAt(next);
        }
    }

    private async Task SetAsync(AcpSession session, ConfigOption option, string asked, CancellationToken cancellationToken)
    {
        string value = Resolve(option, asked);
        if (option.Text == value)
            return;
        try
        {
            SessionReply reply = option.IsSwitch
                ? await rpc.RequestAsync(AcpMethods.SessionSetConfigOption, new SetConfigSwitchParams(session.Id, option.Id!, value == "true"), OutgoingJson.Default.SetConfigSwitchParams, IncomingJson.Default.SessionReply, cancellationToken).ConfigureAwait(false)
                : await rpc.RequestAsync(AcpMethods.SessionSetConfigOption, new SetConfigOptionParams(session.Id, option.Id!, value), OutgoingJson.Default.SetConfigOptionParams, IncomingJson.Default.SessionReply, cancellationToken).ConfigureAwait(false);
            session.Note(reply.ConfigOptions);
            string? inForce = Find(reply.ConfigOptions, option.Id!)?.Text;
            if (inForce != value)
                throw SessionExtras.NotSupported(agent, $"did not take the value '{asked}' of its option '{option.Id}'; {(inForce is null ? "its reply does not confirm it" : $"the value in force is '{inForce}'")}.", asked);
        }
        catch (JsonRpcException e)
        {
            throw new AgentException(FailureKind.NotSupported, $"The agent '{agent}' refused the value '{asked}' of its option '{option.Id}': {e.Message}", e) { Value = asked };
        }
    }

    /// <summary>The offered value that is meant. True and false also name the two values of a choice such as on and off.</summary>
    private string Resolve(ConfigOption option, string asked)
    {
        string[] values = option.IsSwitch ? ["true", "false"] : [.. option.Values];
        return values.FirstOrDefault(v => v == asked)
            ?? values.FirstOrDefault(v => v.Equals(asked, StringComparison.OrdinalIgnoreCase))
            ?? values.FirstOrDefault(v => AreBoth(Yes, v, asked) || AreBoth(No, v, asked))
            ?? (values.Length == 0 ? asked : throw SessionExtras.NotSupported(agent, $"has no value '{asked}' of its option '{option.Id}'; it offers {string.Join(", ", values)}.", asked));
    }

    private static bool AreBoth(string[] words, string one, string other) =>
        words.Contains(one, StringComparer.OrdinalIgnoreCase) && words.Contains(other, StringComparer.OrdinalIgnoreCase);

    private static ConfigOption? Find(IReadOnlyList<ConfigOption>? options, string id) =>
        options?.FirstOrDefault(o => o.Id == id) ?? options?.FirstOrDefault(o => string.Equals(o.Id, id, StringComparison.OrdinalIgnoreCase));
}
