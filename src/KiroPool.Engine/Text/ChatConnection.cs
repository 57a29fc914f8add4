using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Text;

/// <summary>
/// One process for one prompt. It is started ahead and waits on stdin. The prompt and the end of stdin start the turn, and
/// the exit code ends it. The pool does not lease the process again.
/// </summary>
internal sealed class ChatConnection(TextAgentParts parts) : TextAgentConnection(parts)
{
    public override int MostConversations => 0;

    protected override void Started()
    {
    }

    /// <summary>A reader for the format of the process.</summary>
    public IChatAnswer MakeAnswer() => KiroCommandLine.HasStreamJson(Arguments) ? new StreamJsonAnswer() : new PlainChatAnswer();

    protected override IAgentSession MakeSession() => new ChatSession(this);

    protected override void EndedInUse()
    {
        // The exit code settles the turn. The pool ends the remaining processes when the agent is returned.
    }
}
