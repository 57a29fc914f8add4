namespace KiroPool.Simulator;

/// <summary>A question of the agent to the person who gave it the prompt. It has the form of a tool that asks for permission.</summary>
internal sealed class UserQuestion(AgentContext context, AcpSession session)
{
    private const string Text = "**Which one is it?**";

    /// <returns>The line of the answer about it.</returns>
    /// <exception cref="OperationCanceledException">The turn was cancelled.</exception>
    public async ValueTask<string> AskAsync(IReadOnlyList<string> answers, CancellationToken cancel)
    {
        string id = context.Dialect.NewToolId("other");
        context.Wire.Update(session.Id, "tool_call", json =>
        {
            json.WriteString("toolCallId"u8, id);
            json.WriteString("title"u8, Text);
            json.WriteString("kind"u8, "other"u8);
            json.WriteString("status"u8, "pending"u8);
            json.WriteKiroMeta(static kiro => kiro.WriteString("toolId"u8, "user_input"u8));
        });
        PermissionRequest question = V3Questions.ForPerson(session.Id, id, Text, answers);
        string outcome = await AskAsync(question, id).ConfigureAwait(false);

        // Recorded: an unanswered question is asked once more.
        if (outcome == "cancelled" && !cancel.IsCancellationRequested)
            outcome = await AskAsync(question, id).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        context.Wire.Update(session.Id, "tool_call_update", json =>
        {
            json.WriteString("toolCallId"u8, id);
            json.WriteString("status"u8, outcome == "cancelled" ? "failed"u8 : "completed"u8);
        });
        return $"Answer: {outcome}";
    }

    private async ValueTask<string> AskAsync(PermissionRequest question, string id)
    {
        context.Dialect.NoticeQuestion(session.Id, id, "user_input", answer: null);
        string outcome = question.Outcome(await context.Requests.AskAsync(null, PermissionRequest.Method, question.Write).ConfigureAwait(false));
        context.Dialect.NoticeQuestion(session.Id, id, "user_input", outcome);
        context.Log.Write("question", session.Id, outcome);
        return outcome;
    }
}
