using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>
/// How v3 comes by an account: with <c>--auth-method=cli</c> kiro-cli gives it a token, without it the client is asked for one.
/// </summary>
internal sealed class V3Account(AgentContext context)
{
    private const string TokenMethod = "_kiro/auth/getAccessToken";

    private Task<bool> _hasToken = Task.FromResult(true);

    private bool AsksClient => context.Arguments.AuthMethod is null;

    public void AskForToken()
    {
        if (AsksClient)
            _hasToken = AskAsync();
    }

    /// <exception cref="RpcException">No account is signed in.</exception>
    public async Task RequireForSessionAsync()
    {
        if (!AsksClient)
        {
            if (!context.Settings.SignedIn)
                throw RpcException.Bare(RpcException.AuthenticationRequired, "Authentication required");
            return;
        }

        if (context.Settings.V3.RefusedToken == RefusedToken.Hang && !await _hasToken.ConfigureAwait(false))
            await Task.Delay(Timeout.Infinite).ConfigureAwait(false);
    }

    /// <exception cref="RpcException">The client gave no token.</exception>
    public void RequireForPrompt()
    {
        if (_hasToken is { IsCompletedSuccessfully: true, Result: false } or { IsCompleted: false })
            throw RpcException.Kas($"Access denied. Please check your authentication. (Request ID: {Guid.NewGuid()})", "AccessDeniedError", "CLIENT_ERROR");
    }

    private async Task<bool> AskAsync()
    {
        JsonElement answer = await context.Requests.AskAsync(null, TokenMethod, static _ => { }).ConfigureAwait(false);
        bool hasToken = answer.TryGetProperty("result", out JsonElement result) && result.TryString("accessToken") is { Length: > 0 };
        context.Log.Write("token", text: hasToken ? "given" : "refused");
        return hasToken;
    }
}
