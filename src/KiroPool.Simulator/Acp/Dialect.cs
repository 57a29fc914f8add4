using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>What the engines say and do differently. The rest of the agent does not know which one it is.</summary>
internal abstract class Dialect(AgentContext context)
{
    public static Dialect Of(AgentContext context) => context.IsV3 ? new V3Dialect(context) : new V2Dialect(context);

    protected AgentContext Context => context;

    public abstract string NewSessionId();

    /// <summary>Writes the properties of the answer to <c>initialize</c>.</summary>
    public abstract void WriteInitialize(Utf8JsonWriter json);

    /// <summary>What the agent does as soon as <c>initialize</c> is answered.</summary>
    public virtual void Initialized()
    {
    }

    /// <summary>Fails, or never ends, where sessions need an account and there is none.</summary>
    /// <exception cref="RpcException">No account is signed in.</exception>
    public abstract Task RequireAccountAsync();

    /// <summary>The method that ends a session here, if it is this one.</summary>
    public abstract CloseMethod? CloseMethodOf(string method);

    /// <summary>Writes the use of the account's quota, if this is the method that tells it; null for any other method.</summary>
    public virtual FrameBody? Usage(string method) => null;

    /// <summary>Whether a method other than those of all engines is known.</summary>
    public abstract bool Knows(string method);

    public abstract RpcException UnknownMethod(string method);

    public abstract RpcException UnknownSession(string id);

    /// <summary>An error a turn or a step ends with.</summary>
    public abstract RpcException Error(string text);

    /// <summary>An error as a fault describes it.</summary>
    public virtual RpcException Error(Fault fault, string text) =>
        new(fault.Code ?? RpcException.InternalError, fault.Text ?? text);

    /// <summary>Sends the notice of being throttled and gives the error that goes with it.</summary>
    public abstract RpcException RateLimit(string? sessionId, string message);

    /// <summary>Sends the notice of being throttled; the turn goes on.</summary>
    public abstract void NoticeRateLimit(string? sessionId, string message);

    /// <summary>The agent or model that was asked for is not there; the session goes on with another one.</summary>
    public abstract void NotFound(string sessionId, string what, string requested, string fallback);

    /// <summary>The model a session has when this one is chosen, and whether that is told apart from the reply.</summary>
    public abstract string Choose(AcpSession session, string model);

    /// <summary>What comes before the answer to <c>session/new</c>, for the session it will name.</summary>
    public virtual void BeforeSession(AcpSession session)
    {
    }

    /// <summary>Writes what a session offers, as properties of the answer to <c>session/new</c> or <c>session/load</c>.</summary>
    public abstract void WriteSession(Utf8JsonWriter json, AcpSession session);

    public virtual void AfterSession(AcpSession session)
    {
    }

    /// <summary>The answer to loading a session that is not there; null never answers.</summary>
    /// <exception cref="RpcException">The answer is an error.</exception>
    public abstract List<Exchange>? HistoryOfUnknown(string id);

    public abstract void Replay(AcpSession session, Exchange exchange);

    /// <summary>Before the options in force are told; lists may come here.</summary>
    public virtual void BeforeOptions(AcpSession session)
    {
    }

    /// <summary>Writes <c>configOptions</c>.</summary>
    public abstract void WriteOptions(Utf8JsonWriter json, AcpSession session);

    /// <summary>Whether a second prompt ends the one that runs; else it is refused.</summary>
    public abstract bool AbortsForNextPrompt { get; }

    /// <summary>What comes before a turn's answer. A cancel counts from its end on.</summary>
    public abstract ValueTask BeginTurnAsync(AcpSession session, PromptContent prompt);

    /// <summary>Whether a cancel is heard.</summary>
    public abstract bool HearsCancel(bool turnHasBegun);

    /// <summary>Writes <c>_meta.kiro</c> of a piece of the answer; null for none.</summary>
    public virtual FrameBody? MetaOfChunk(AcpSession session) => null;

    /// <summary>What comes between a turn's answer and its response.</summary>
    public abstract void EndTurn(AcpSession session, TurnEnd end);

    /// <summary>What comes after the response.</summary>
    public virtual void AfterTurn(AcpSession session)
    {
    }

    public abstract string NewToolId(string kind);

    /// <summary>Writes <c>_meta.kiro</c> of a tool call; null for none.</summary>
    public virtual FrameBody? MetaOfTool => null;

    /// <summary>The question whether a tool may run.</summary>
    public abstract PermissionRequest AskForTool(string sessionId, string toolCallId, string kind, string title, string word);

    /// <summary>The question whether the files a turn has written may stay; null where that is not asked.</summary>
    public virtual PermissionRequest? AskForTurn(string sessionId, IReadOnlyList<string> writes) => null;

    /// <summary>A word to the client that a question is open, or has been answered.</summary>
    public virtual void NoticeQuestion(string sessionId, string toolCallId, string type, string? answer)
    {
    }
}

/// <summary>A way to end a session.</summary>
/// <param name="Destroys">Whether its transcript goes, too.</param>
/// <param name="Answer">Writes the properties of the answer.</param>
internal sealed record CloseMethod(bool Destroys, FrameBody? Answer = null);

/// <summary>How a turn ended, before its response tells.</summary>
internal readonly record struct TurnEnd(string? StopReason, double Credits, double ContextPercent, long Ms, bool Failed, IReadOnlyList<string> Tools);
