namespace KiroPool.Interactive;

/// <summary>A permission that is being asked for: comes from an agent's thread, is answered on the pipeline thread.</summary>
internal sealed class Question
{
    private readonly TaskCompletionSource<PermissionDecision> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Question(PermissionRequest request) => Request = request;

    public PermissionRequest Request { get; }

    /// <summary>Answered, or not wanted any more.</summary>
    public bool IsOver => _answer.Task.IsCompleted;

    public void Answer(PermissionDecision decision) => _answer.TrySetResult(decision);

    /// <summary>Puts a question to whoever sits at the pipeline thread, and waits for the answer.</summary>
    /// <param name="request">What the agent asks.</param>
    /// <param name="post">Hands the question over.</param>
    /// <param name="cancellationToken">Cancelled when no answer is wanted any more; then there is none, whatever comes later.</param>
    public static async Task<PermissionDecision> AskAsync(PermissionRequest request, Action<Question> post, CancellationToken cancellationToken)
    {
        var question = new Question(request);
        using CancellationTokenRegistration over = cancellationToken.Register(() => question._answer.TrySetCanceled(cancellationToken));
        post(question);
        return await question._answer.Task.ConfigureAwait(false);
    }
}
