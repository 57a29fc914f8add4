using System.Collections.Immutable;

namespace KiroPool.Engine.Agents;

/// <summary>
/// The settings that plain-text agents (<see cref="AgentProtocol.Chat"/> and <see cref="AgentProtocol.Delimited"/>) get
/// at their start, and that are part of their key. ACP agents ignore them.
/// </summary>
public sealed record TextSettings
{
    /// <summary>The default delimiter after each message.</summary>
    public const string DefaultMessageDelimiter = "\n---END_OF_MESSAGE---\n";

    /// <summary>The default delimiter after each response.</summary>
    public const string DefaultResponseDelimiter = "\n---END_OF_RESPONSE---\n";

    /// <summary>Whether every tool runs without a question. Plain text has no questions, so an untrusted tool does not run. Default off.</summary>
    public bool TrustAllTools { get; init; }

    /// <summary>The tools that run without a question. Default: none.</summary>
    /// <exception cref="ArgumentException">A name is blank or contains a comma, which separates names on a command line.</exception>
    public ImmutableArray<string> TrustTools
    {
        get;
        init => field = value.IsDefault || value.Any(tool => string.IsNullOrWhiteSpace(tool) || tool.Contains(','))
            ? throw new ArgumentException("The name of a tool must not be blank and must not contain a comma.")
            : value;
    } = [];

    /// <summary>
    /// Chat: whether a prompt continues the newest conversation of its directory. This process runs such prompts one at a
    /// time per directory. Other programs can still interfere. Default off.
    /// </summary>
    public bool ResumeConversation { get; init; }

    /// <summary>
    /// Delimited: whether a process that has answered a stand-alone prompt also serves the next one, which may then see the
    /// earlier prompt. For agents that treat each message by itself. Default off: one conversation per process.
    /// </summary>
    public bool ReuseProcesses { get; init; }

    /// <summary>Delimited: the delimiter that ends a message. A message must not contain it.</summary>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    public string MessageDelimiter { get; init => field = NotEmpty(value); } = DefaultMessageDelimiter;

    /// <summary>Delimited: the delimiter that ends a response.</summary>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    public string ResponseDelimiter { get; init => field = NotEmpty(value); } = DefaultResponseDelimiter;

    /// <summary>The defaults.</summary>
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
