namespace KiroPool.Interactive;

/// <summary>A pending permission question: it comes from a thread of the agent and is answered on the pipeline thread.</summary>
internal sealed class Question
{
    private readonly TaskCompletionSource<PermissionDecision> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Question(PermissionRequest request) => Request = request;

    public PermissionRequest Request { get; }

    /// <summary>Whether it was answered or abandoned.</summary>
    public bool IsOver => _answer.Task.IsCompleted;

    public void Answer(PermissionDecision decision) => _answer.TrySetResult(decision);

    /// <summary>Passes a question to the pipeline thread and waits for the answer.</summary>
    /// <param name="request">The agent's request.</param>
    /// <param name="post">Passes the question on.</param>
    /// <param name="cancellationToken">Abandons the question. A later answer is ignored.</param>
    public static async Task<PermissionDecision> AskAsync(PermissionRequest request, Action<Question> post, CancellationToken cancellationToken)
    {
        var question = new Question(request);
        using CancellationTokenRegistration over = cancellationToken.Register(() => question._answer.TrySetCanceled(cancellationToken));
        post(question);
        return await question._answer.Task.ConfigureAwait(false);
    }
}
