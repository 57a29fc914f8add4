namespace KiroPool.Engine.Agents;

/// <summary>The "always" answers of one conversation. They last as long as the conversation, in whatever process.</summary>
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

/// <summary>A decision and its source, for <see cref="ToolCall.DecidedBy"/>.</summary>
internal readonly record struct Verdict(bool Allows, string By);

/// <summary>Decides for one turn which tools may be used. Every fault here means no.</summary>
internal sealed class PermissionDesk(PermissionPolicy policy, Grants? grants, SeenTools? seen = null)
{
    /// <summary>A desk without a handler.</summary>
    public static PermissionDesk Closed { get; } = new(PermissionPolicy.None, null);

    // Without a session, "always" lasts until the turn ends.
    private readonly Grants? _grants = grants ?? (policy.Handler is null ? null : new Grants());

    public bool HasHandler => policy.Handler is not null;

    /// <summary>Returns the immediate decision on several requests together; null if the handler must be asked.</summary>
    public Verdict? DecideNow(IReadOnlyList<PermissionRequest> requests)
    {
        Verdict? last = null;
        foreach (PermissionRequest request in requests)
        {
            if ((last = DecideNow(request)) is not { Allows: true })
                break;
        }

        return last;
    }

    /// <summary>Returns the immediate decision; null if the handler must be asked. Trust decides no question to the user.</summary>
    public Verdict? DecideNow(PermissionRequest request)
    {
        seen?.Add(request);
        return Decide(request);
    }

    private Verdict? Decide(PermissionRequest request) =>
        request.IsQuestion ? (policy.Handler is null ? new Verdict(false, "Nobody") : null)
        : policy.TrustAllTools ? new Verdict(true, "TrustAllTools")
        : ToolPatterns.Any(policy.TrustTools, request) ? new Verdict(true, "TrustTools")
        : _grants?.Has(request) == true ? new Verdict(true, "Session")
        : policy.Handler is null ? new Verdict(false, "Nobody")
        : null;

    /// <summary>Asks the handler. The end of the turn cancels this; every other event gives a verdict.</summary>
    /// <exception cref="OperationCanceledException">The turn ended, or is being cancelled.</exception>
    public async Task<(Verdict Verdict, bool Always)> AskAsync(PermissionRequest request, TimeProvider time, CancellationToken turnEnds)
    {
        using var tooLate = CancellationTokenSource.CreateLinkedTokenSource(turnEnds);
        try
        {
            // The handler may block its thread, so it must not run on the reader of the connection.
            Task<PermissionDecision> asked = Task.Run(() => policy.Handler!(request, tooLate.Token), CancellationToken.None);
            TimeSpan limit = policy.HandlerTimeout > TimeSpan.Zero ? policy.HandlerTimeout : Timeout.InfiniteTimeSpan;
            await HostPause.WaitAsync(asked, limit, time, turnEnds).ConfigureAwait(false);
            PermissionDecision decision = await asked.ConfigureAwait(false);
            return (new Verdict(decision is PermissionDecision.Allow or PermissionDecision.AllowAlways, "Handler"), decision == PermissionDecision.AllowAlways);
        }
        catch (OperationCanceledException) when (turnEnds.IsCancellationRequested)
        {
            // The end of the turn may be known here before it is known to the handler.
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

    /// <summary>Remembers an "always" that was given in time.</summary>
    public void Remember(PermissionRequest request) => _grants?.Add(request);
}
