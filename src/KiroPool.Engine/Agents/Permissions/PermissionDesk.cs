namespace KiroPool.Engine.Agents;

/// <summary>What was allowed always in one conversation. It lives as long as the conversation, whatever process holds it.</summary>
internal sealed class Grants
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    public bool Has(PermissionRequest request)
    {
        lock (_keys)
            return _keys.Contains(ToolPatterns.Key(request));
    }

    public void Add(PermissionRequest request)
    {
        lock (_keys)
            _keys.Add(ToolPatterns.Key(request));
    }
}

/// <summary>A decision and who made it, as <see cref="ToolCall.DecidedBy"/> has it.</summary>
internal readonly record struct Verdict(bool Allows, string By);

/// <summary>Decides for one turn which tools may be used. Whatever goes wrong here means no.</summary>
internal sealed class PermissionDesk(PermissionPolicy policy, Grants? grants)
{
    /// <summary>Nobody to ask.</summary>
    public static PermissionDesk Closed { get; } = new(PermissionPolicy.None, null);

    // A prompt without a conversation remembers until its turn ends.
    private readonly Grants? _grants = grants ?? (policy.Handler is null ? null : new Grants());

    public bool HasHandler => policy.Handler is not null;

    /// <summary>What can be said at once; null when the handler is to be asked.</summary>
    public Verdict? DecideNow(PermissionRequest request) =>
        policy.TrustAllTools ? new Verdict(true, "TrustAllTools")
        : ToolPatterns.Any(policy.TrustTools, request) ? new Verdict(true, "TrustTools")
        : _grants?.Has(request) == true ? new Verdict(true, "Session")
        : policy.Handler is null ? new Verdict(false, "Nobody")
        : null;

    /// <summary>Asks the handler. Cancelled when the turn ends; all else that can happen is a verdict.</summary>
    /// <exception cref="OperationCanceledException">The turn ended, or is being cancelled.</exception>
    public async Task<(Verdict Verdict, bool Always)> AskAsync(PermissionRequest request, TimeProvider time, CancellationToken turnEnds)
    {
        using var tooLate = CancellationTokenSource.CreateLinkedTokenSource(turnEnds);
        try
        {
            // The handler may block its thread, which must not be the connection's reader.
            Task<PermissionDecision> asked = Task.Run(() => policy.Handler!(request, tooLate.Token), CancellationToken.None);
            TimeSpan limit = policy.HandlerTimeout > TimeSpan.Zero ? policy.HandlerTimeout : Timeout.InfiniteTimeSpan;
            PermissionDecision decision = await asked.WaitAsync(limit, time, turnEnds).ConfigureAwait(false);
            return (new Verdict(decision is PermissionDecision.Allow or PermissionDecision.AllowAlways, "Handler"), decision == PermissionDecision.AllowAlways);
        }
        catch (OperationCanceledException) when (turnEnds.IsCancellationRequested)
        {
            // The news of the turn's end may have come here before it came to the handler, and no further after this.
            await tooLate.CancelAsync().ConfigureAwait(false);
            throw;
        }
        catch (TimeoutException)
        {
            await tooLate.CancelAsync().ConfigureAwait(false);
            return (new Verdict(false, "HandlerTimedOut"), false);
        }
        catch (Exception)
        {
            return (new Verdict(false, "HandlerFailed"), false);
        }
    }

    /// <summary>Takes note of an "always" that was given in time.</summary>
    public void Remember(PermissionRequest request) => _grants?.Add(request);
}
