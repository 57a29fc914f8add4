using System.Globalization;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <content>The conversations that the agent has stored.</content>
internal sealed partial class AcpConnection
{
    // An agent that repeats its cursor must not be asked for ever.
    private const int MostPages = 1000;

    public async Task<IReadOnlyList<SavedSession>> ListSavedAsync(CancellationToken cancellationToken)
    {
        Require(_agent?.AgentCapabilities?.SessionCapabilities?.List, "does not list its stored conversations (session/list)");
        var all = new List<SavedSession>();
        string? cursor = null;
        for (int page = 0; page < MostPages; page++)
        {
            string? from = cursor;
            ListSessionsReply reply = await BeforeAsync(
                limits.SessionTimeout,
                AcpMethods.SessionList,
                limit => _rpc!.RequestAsync(AcpMethods.SessionList, new ListSessionsParams(spec.WorkingDirectory, from), OutgoingJson.Default.ListSessionsParams, new PendingRequest<ListSessionsReply>(IncomingJson.Default.ListSessionsReply), limit),
                cancellationToken).ConfigureAwait(false);
            all.AddRange((reply.Sessions ?? []).Where(one => !string.IsNullOrEmpty(one.SessionId)).Select(Read));
            if (string.IsNullOrEmpty(reply.NextCursor) || reply.NextCursor == cursor)
                break;
            cursor = reply.NextCursor;
        }

        return all;
    }

    public async Task DeleteSavedAsync(string id, CancellationToken cancellationToken)
    {
        Require(_agent?.AgentCapabilities?.SessionCapabilities?.Delete, "does not delete stored conversations (session/delete)");
        await BeforeAsync(
            limits.SessionTimeout,
            AcpMethods.SessionDelete,
            limit => _rpc!.RequestAsync(AcpMethods.SessionDelete, new SessionParams(id), OutgoingJson.Default.SessionParams, new PendingRequest<JsonElement>(IncomingJson.Default.JsonElement), limit),
            cancellationToken).ConfigureAwait(false);
    }

    private void Require(JsonElement? capability, string lack)
    {
        ThrowIfEnded();
        if (capability is not { ValueKind: JsonValueKind.Object })
            throw new AgentException(FailureKind.NotSupported, $"The agent '{AgentName}' {lack}.");
    }

    private static SavedSession Read(SavedSessionMessage said) => new()
    {
        SessionId = said.SessionId!,
        Title = string.IsNullOrEmpty(said.Title) ? null : TerminalText.Harmless(said.Title),
        WorkingDirectory = said.Cwd,
        LastUsed = DateTimeOffset.TryParse(said.UpdatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time.ToLocalTime() : null,
    };
}
