using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Text;

/// <summary>
/// One process for one prompt. It is started ahead and waits on stdin; the prompt and the end of stdin set it to work, and
/// its exit code ends the turn. The pool does not lend it again.
/// </summary>
internal sealed class ChatConnection(TextAgentParts parts) : TextAgentConnection(parts)
{
    public override int MostConversations => 0;

    protected override void Started()
    {
    }

    protected override IAgentSession MakeSession() => new ChatSession(this);

    protected override void EndedInUse()
    {
        // The exit code is the verdict of the turn; the pool ends what is left when it gets the agent back.
    }
}
