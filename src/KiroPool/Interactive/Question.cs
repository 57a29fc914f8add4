namespace KiroPool.Interactive;

/// <summary>A pending question of an agent: it comes from a thread of the agent and is answered on the pipeline thread.</summary>
internal sealed class Question<TRequest, TAnswer>
{
    private readonly TaskCompletionSource<TAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Question(TRequest request) => Request = request;

    public TRequest Request { get; }

    /// <summary>Whether it was answered or abandoned.</summary>
    public bool IsOver => _answer.Task.IsCompleted;

    public void Answer(TAnswer answer) => _answer.TrySetResult(answer);

    /// <summary>Passes a question to the pipeline thread and waits for the answer.</summary>
    /// <param name="request">The agent's request.</param>
    /// <param name="post">Passes the question on.</param>
    /// <param name="cancellationToken">Abandons the question. A later answer is ignored.</param>
    public static async Task<TAnswer> AskAsync(TRequest request, Action<Question<TRequest, TAnswer>> post, CancellationToken cancellationToken)
    {
        var question = new Question<TRequest, TAnswer>(request);
        using CancellationTokenRegistration over = cancellationToken.Register(() => question._answer.TrySetCanceled(cancellationToken));
        post(question);
        return await question._answer.Task.ConfigureAwait(false);
    }
}
