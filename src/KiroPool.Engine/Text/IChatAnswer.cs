using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>The growing answer of a chat process in one of its formats. Used under a lock.</summary>
internal interface IChatAnswer
{
    /// <summary>The answer so far.</summary>
    string Text { get; }

    /// <summary>The output so far.</summary>
    string RawText { get; }

    /// <summary>The id of the conversation, if the process has reported it.</summary>
    string? SessionId => null;

    /// <summary>The engine, if the process has reported it.</summary>
    KiroEngine? Engine => null;

    /// <summary>Whether the process waits for a sign-in in a browser.</summary>
    bool WaitsForLogin => false;

    /// <summary>Adds output. Returns the new part of the answer.</summary>
    string Append(ReadOnlySpan<byte> bytes);

    /// <summary>Handles the end of the output. Returns the last part of the answer.</summary>
    string Complete();

    /// <summary>The result of the turn.</summary>
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
