using System.Collections.Immutable;

namespace KiroPool.Engine.Agents;

/// <summary>
/// What is fixed at the start of an agent that is talked to in plain text (<see cref="AgentProtocol.Chat"/> and
/// <see cref="AgentProtocol.Delimited"/>), and so is part of its key. ACP agents need none of it.
/// </summary>
public sealed record TextSettings
{
    /// <summary>The seed's delimiter behind each message.</summary>
    public const string DefaultMessageDelimiter = "\n---END_OF_MESSAGE---\n";

    /// <summary>The seed's delimiter behind each response.</summary>
    public const string DefaultResponseDelimiter = "\n---END_OF_RESPONSE---\n";

    /// <summary>Whether every tool runs without a question. In plain text nobody can be asked: what is not trusted is not run. Default off.</summary>
    public bool TrustAllTools { get; init; }

    /// <summary>The tools that run without a question. Default none.</summary>
    /// <exception cref="ArgumentException">A name is blank or holds a comma, which separates names on a command line.</exception>
    public ImmutableArray<string> TrustTools
    {
        get;
        init => field = value.IsDefault || value.Any(tool => string.IsNullOrWhiteSpace(tool) || tool.Contains(','))
            ? throw new ArgumentException("The name of a tool must be neither blank nor hold a comma.")
            : value;
    } = [];

    /// <summary>
    /// Chat: whether a prompt continues the newest conversation of its directory. Such prompts run one at a time per
    /// directory, in this process; those of other programs mix all the same. Default off.
    /// </summary>
    public bool ResumeConversation { get; init; }

    /// <summary>
    /// Delimited: whether a process that has answered a stand-alone prompt is lent to the next one, which its memory may
    /// then reach. For agents that treat each message by itself. Default off: one conversation per process.
    /// </summary>
    public bool ReuseProcesses { get; init; }

    /// <summary>Delimited: what ends a message. A message must not hold it. Default: the seed's.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public string MessageDelimiter { get; init => field = NotEmpty(value); } = DefaultMessageDelimiter;

    /// <summary>Delimited: what ends a response. Default: the seed's.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public string ResponseDelimiter { get; init => field = NotEmpty(value); } = DefaultResponseDelimiter;

    /// <summary>None of it.</summary>
    public static TextSettings Default { get; } = new();

    /// <inheritdoc/>
    public bool Equals(TextSettings? other) =>
        other is not null
        && TrustAllTools == other.TrustAllTools
        && ResumeConversation == other.ResumeConversation
        && ReuseProcesses == other.ReuseProcesses
        && MessageDelimiter == other.MessageDelimiter
        && ResponseDelimiter == other.ResponseDelimiter
        && TrustTools.SequenceEqual(other.TrustTools);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(TrustAllTools);
        hash.Add(ResumeConversation);
        hash.Add(ReuseProcesses);
        hash.Add(MessageDelimiter);
        hash.Add(ResponseDelimiter);
        foreach (string tool in TrustTools)
            hash.Add(tool);
        return hash.ToHashCode();
    }

    private static string NotEmpty(string delimiter) =>
        string.IsNullOrEmpty(delimiter) ? throw new ArgumentException("A delimiter must not be empty.") : delimiter;
}
