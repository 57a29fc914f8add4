using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Fakes;

internal static class SessionTalk
{
    /// <summary>Runs a prompt in a session.</summary>
    public static Task<PromptResult> SayAsync(this Session session, string prompt) => session.PromptAsync(new PromptRequest { Prompt = prompt }).InTime();
}
