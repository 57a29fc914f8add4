using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <content>Questions to the user and commands, for an agent that was offered them. Another agent gets -32601.</content>
internal sealed partial class AcpInbox
{
    private AcpTerminals? _terminals;

    /// <summary>Whether the agent may let this host run commands.</summary>
    public bool OffersTerminals => offersTerminals;

    /// <summary>Ends the commands of the agent, and refuses new ones.</summary>
    public Task EndTerminalsAsync() => _terminals?.EndAsync() ?? Task.CompletedTask;

    private bool OnUserRequest(string method, byte[] id, ReadOnlySpan<byte> parameters)
    {
        switch (method)
        {
            case AcpMethods.ElicitationCreate when spec.IsInteractive:
                ElicitationQuestion question = JsonSerializer.Deserialize(parameters, IncomingJson.Default.ElicitationQuestion)!;
                _ = ServeAsync(id, withdrawn => AcpForm.AskAsync(Find(question.SessionId)?.Turn, question, withdrawn), OutgoingJson.Default.ElicitationReply);
                return true;
            case AcpMethods.TerminalCreate when offersTerminals:
                TerminalCommand command = JsonSerializer.Deserialize(parameters, IncomingJson.Default.TerminalCommand)!;
                string input = Encoding.UTF8.GetString(parameters);
                _ = ServeAsync(id, withdrawn => _terminals!.CreateAsync(command, input, withdrawn), OutgoingJson.Default.TerminalCreated);
                return true;
        }

        if (!offersTerminals || method is not (AcpMethods.TerminalOutput or AcpMethods.TerminalWaitForExit or AcpMethods.TerminalKill or AcpMethods.TerminalRelease))
            return false;
        TerminalParams asked = JsonSerializer.Deserialize(parameters, IncomingJson.Default.TerminalParams)!;
        _ = method switch
        {
            AcpMethods.TerminalOutput => ServeAsync(id, _ => Task.FromResult(_terminals!.ReadOutput(asked)), OutgoingJson.Default.TerminalOutputReply),
            AcpMethods.TerminalWaitForExit => ServeAsync(id, withdrawn => _terminals!.WaitAsync(asked, withdrawn), OutgoingJson.Default.TerminalExit),
            AcpMethods.TerminalKill => ServeAsync(id, _ => _terminals!.KillAsync(asked), OutgoingJson.Default.NoParams),
            _ => ServeAsync(id, _ => _terminals!.ReleaseAsync(asked), OutgoingJson.Default.NoParams),
        };
        return true;
    }

    /// <summary>Serves a request beside the reader, which goes on. Never throws.</summary>
    private async Task ServeAsync<T>(byte[] id, Func<CancellationToken, Task<T>> serve, JsonTypeInfo<T> type)
    {
        CancellationToken withdrawn = _questions.Open(id);
        try
        {
            T answer = await Task.Run(() => serve(withdrawn), CancellationToken.None).ConfigureAwait(false);
            await _rpc!.ReplyAsync(id, answer, type).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await _rpc!.RefuseAsync(id, JsonRpcException.RequestCancelled, "The request was cancelled.").ConfigureAwait(false);
        }
        catch (IOException e)
        {
            log.WriteDebug($"a request was not answered: {e.Message}", _processId);
        }
        catch (Exception e)
        {
            await _rpc!.RefuseAsync(id, e is JsonRpcException { Code: var code } ? code : JsonRpcException.InternalError, e.Message).ConfigureAwait(false);
        }
        finally
        {
            _questions.Close(id);
        }
    }
}
