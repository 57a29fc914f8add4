using System.Runtime.CompilerServices;
using System.Text.Json;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <content>Signing an agent in that wants it. The protocol lets it say so when it is asked for a session.</content>
internal sealed partial class AcpConnection
{
    private AcpSignIn SignIn => new(_agent?.AuthMethods ?? default, spec);

    /// <summary>Makes a session, and signs in before it makes it again where the agent wants that and no person is needed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AcpSession> MakeSignedInAsync(Task? turn, CancellationToken cancellationToken)
    {
        try
        {
            return await MakeOneAsync(turn, cancellationToken).ConfigureAwait(false);
        }
        catch (AgentException e) when (e.Kind == FailureKind.SignInRequired && !Dialect.IsKiro && SignIn.Choice is { } method)
        {
            log.WriteVerbose($"wants to be signed in; '{method.Id}' is called", ProcessId);
            await AuthenticateAsync(method, turn, cancellationToken).ConfigureAwait(false);
            return await MakeOneAsync(turn, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask<AcpSession> MakeOneAsync(Task? turn, CancellationToken cancellationToken) =>
        BeforeAsync(limits.SessionTimeout, AcpMethods.SessionNew, _create!, cancellationToken, turn);

    private async Task AuthenticateAsync(AuthMethod method, Task? turn, CancellationToken cancellationToken)
    {
        try
        {
            await BeforeAsync(
                limits.SessionTimeout,
                AcpMethods.Authenticate,
                limit => _rpc!.RequestAsync(AcpMethods.Authenticate, new AuthenticateParams(method.Id), OutgoingJson.Default.AuthenticateParams, new PendingRequest<JsonElement>(IncomingJson.Default.JsonElement), limit),
                cancellationToken,
                turn).ConfigureAwait(false);
        }
        catch (AgentException e) when (e.Kind is not FailureKind.AgentStartFailed)
        {
            // Whatever it says, and also when it waits for a person, what is wrong is the sign-in.
            throw new AgentException(FailureKind.SignInRequired, e.Message, e);
        }
    }

    /// <summary>
    /// Says how to sign in. The command of kiro-cli does not help with another agent, nor with one that waits for a token.
    /// </summary>
    public AgentException Advise(AgentException failure) => failure.Kind != FailureKind.SignInRequired || LacksToken
        ? failure
        : new AgentException(failure.Kind, $"{failure.Message} {SignIn.Advise(Dialect.IsKiro)}", failure.InnerException)
        {
            Value = failure.Value,
            Advice = Dialect.IsKiro ? KiroSignIn.Advice : null,
        };
}
