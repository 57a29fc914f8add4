using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>The answer of a chat process as it comes in, whichever format it has. Used under a lock.</summary>
internal interface IChatAnswer
{
    /// <summary>The answer so far.</summary>
    string Text { get; }

    /// <summary>What the process wrote so far.</summary>
    string RawText { get; }

    /// <summary>The conversation's id, if the process said it.</summary>
    string? SessionId => null;

    /// <summary>The engine that answers, if the process said it.</summary>
    KiroEngine? Engine => null;

    /// <summary>Whether the process waits for somebody to sign in in a browser.</summary>
    bool WaitsForLogin => false;

    /// <summary>Takes bytes and gives what they add to the answer.</summary>
    string Append(ReadOnlySpan<byte> bytes);

    /// <summary>Takes the end and gives what is still added.</summary>
    string Complete();

    /// <summary>The verdict on the turn.</summary>
    TurnResult Judge(ChatEnd end);
}

/// <summary>An answer in plain text.</summary>
internal sealed class PlainChatAnswer : IChatAnswer
{
    private readonly AnsiText _text = new();

    public string Text => _text.Text;

    public string RawText => _text.RawText;

    public string Append(ReadOnlySpan<byte> bytes) => _text.Append(bytes);

    public string Complete() => _text.Complete();

    public TurnResult Judge(ChatEnd end) => end.Judge();
}
