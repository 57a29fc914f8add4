using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Processes.Far;

namespace KiroPool.Engine.Text;

/// <summary>The single prompt of a process.</summary>
internal sealed class ChatSession(ChatConnection connection) : IAgentSession
{
    private readonly IChatAnswer _answer = connection.MakeAnswer();
    private readonly TaskCompletionSource _loginIsWanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sentAt;
    private TimeSpan? _timeToFirstText;
    private bool _isOver;
    private volatile bool _wroteTooMuch;

    // The end of an abandoned process. Until then it may still change the conversation of its directory.
    private Task? _aborted;

    /// <summary>Known after the process has reported it; empty before.</summary>
    public string Id => _answer.SessionId ?? "";

    public string? Agent => connection.Spec.Agent;

    public string? Model => connection.Spec.Model;

    /// <summary>Always false: the name is on the command line, and no message reports the model in force.</summary>
    public bool ModelVerified => false;

    public async ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        IDisposable? alone = null;
        try
        {
            if (!request.PrepareNextSession)
                throw PlainTextLimits.NoConversations();
            string prompt = PromptText.Of(request, connection.Spec.Executable);
            if (connection.Spec.Text.ResumeConversation)
                alone = await ResumeGate.EnterAsync(connection.Spec.WorkingDirectory, cancellationToken).ConfigureAwait(false);
            return await RunAsync(prompt, request, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return NotSent(PromptOutcome.Cancelled, new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled before it was sent."));
        }
        catch (AgentException e)
        {
            return NotSent(PromptOutcome.Failed, e);
        }
        finally
        {
            if (_aborted is { IsCompleted: false } ending)
                _ = ending.ContinueWith(_ => alone?.Dispose(), TaskScheduler.Default);
            else
                alone?.Dispose();
        }
    }

    /// <summary>The process has no other conversation.</summary>
    public Task<bool> SettleAsync() => connection.SettleAsync();

    public void Close()
    {
    }

    private async Task<TurnResult> RunAsync(string prompt, TurnRequest request, CancellationToken cancellationToken)
    {
        AgentProcess process = connection.Process;
        connection.Use();
        _sentAt = connection.Time.GetTimestamp();
        using var silence = new TurnSilence(request.InactivityTimeout, () => process.StandardError.TotalBytes, connection.Time, cancellationToken);
        Task<bool> written = WriteAsync(process, prompt);
        Task read = ReadAsync(process, request, silence);
        WatchForLogin(process.StandardError);
        try
        {
            await Task.WhenAny(process.Exited, _loginIsWanted.Task).WaitAsync(silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (silence.Token.IsCancellationRequested)
        {
            return Abandon(silence, process);
        }

        if (!process.Exited.IsCompleted)
            return EndLogin();

        // A surviving child may still write; its output is not awaited.
        await HostPause.SettleAsync(read, AgentProcess.DrainLimit).ConfigureAwait(false);
        string stderr = await process.ReadStderrTailAsync().ConfigureAwait(false);
        await HostPause.SettleAsync(written, AgentProcess.DrainLimit).ConfigureAwait(false);
        bool wasTaken = !written.IsCompletedSuccessfully || await written.ConfigureAwait(false);
        lock (_answer)
        {
            _isOver = true;
            Tell(_answer.Complete(), request);
            var end = new ChatEnd(connection.Spec, process.Exited.Result, _answer.Text, _answer.RawText, AnsiText.Strip(stderr), wasTaken, connection.Arguments);
            TurnResult result = process.Loss is { } loss ? Lost(loss, end) : _wroteTooMuch ? end.Refuse($"It wrote more than {TextAgentConnection.MostBytes >> 20} MiB, the limit for an answer.") : _answer.Judge(end);
            connection.Judged(result.Failure, _answer.Engine);
            if (result.Failure?.Kind is FailureKind.AgentDied or FailureKind.HostLost)
                connection.Close("it died");
            return result with { TimeToFirstText = _timeToFirstText };
        }
    }

    /// <summary>The exit code is that of ssh, which says nothing about the agent.</summary>
    private static TurnResult Lost(LinkLoss loss, ChatEnd end) => new()
    {
        Outcome = PromptOutcome.Indeterminate,
        Failure = loss.ToFailure("before the agent answered, so its work is unknown", end.ErrorText, cause: null),
        HasLeftTraces = true,
        Text = end.Text,
        RawText = end.RawText,
        ErrorText = end.ErrorText,
    };

    /// <summary>Notices a kiro-cli that announces on stderr that it waits for a sign-in in a browser, before it answers anything.</summary>
    private void WatchForLogin(StderrTail stderr)
    {
        if (!KiroCliLocator.IsKiroCli(connection.Spec.Executable))
            return;
        stderr.Received = Check;
        Check();

        void Check()
        {
            lock (_answer)
            {
                if (_isOver || _answer.RawText.Length > 0 || !KnownFailure.IsDeviceLogin(stderr.ToString()))
                    return;
            }

            _loginIsWanted.TrySetResult();
        }
    }

    /// <summary>Ends a process that waits for a sign-in.</summary>
    private TurnResult EndLogin()
    {
        _aborted = connection.Abort("it waits for a sign-in");
        lock (_answer)
        {
            _isOver = true;
            var end = new ChatEnd(connection.Spec, 1, _answer.Text, _answer.RawText, AnsiText.Strip(connection.Process.StandardError.ToString()), PromptWasTaken: true, connection.Arguments);
            TurnResult result = end.Refuse(KiroSignIn.WaitsForPerson()) with { ExitCode = null };
            connection.Judged(result.Failure, _answer.Engine);
            return result;
        }
    }

    /// <summary>Abandons the turn. The pool, not the caller, waits for the end of the process.</summary>
    private TurnResult Abandon(TurnSilence silence, AgentProcess process)
    {
        bool isSilent = silence.IsTooLong;
        _aborted = connection.Abort(isSilent ? "it was silent for too long" : "its prompt was cancelled");
        lock (_answer)
        {
            _isOver = true;
            return new TurnResult
            {
                Outcome = isSilent ? PromptOutcome.TimedOut : PromptOutcome.Cancelled,
                Failure = isSilent ? silence.ToFailure() : new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled."),
                HasLeftTraces = true,
                Text = _answer.Text,
                RawText = _answer.RawText,
                ErrorText = AnsiText.Strip(process.StandardError.ToString()),
                TimeToFirstText = _timeToFirstText,
            };
        }
    }

    /// <summary>Writes the prompt and closes stdin. Returns false if the process did not read all of it.</summary>
    private static async Task<bool> WriteAsync(AgentProcess process, string prompt)
    {
        try
        {
            await AgentInput.SendAsync(process.Input, Encoding.UTF8.GetBytes(prompt)).ConfigureAwait(false);
            await process.Input.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return false;
        }
    }

    private async Task ReadAsync(AgentProcess process, TurnRequest request, TurnSilence silence)
    {
        var buffer = new byte[8192];
        long total = 0;
        try
        {
            int count;
            while ((count = await process.Output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                silence.Heard();
                if ((total += count) > TextAgentConnection.MostBytes)
                {
                    _wroteTooMuch = true;
                    _ = connection.Abort("it wrote too much");
                    return;
                }

                lock (_answer)
                {
                    // No update follows the result.
                    if (!_isOver)
                        Tell(_answer.Append(buffer.AsSpan(0, count)), request);
                    if (_answer.WaitsForLogin)
                        _loginIsWanted.TrySetResult();
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The process is gone. Earlier output is kept.
        }
    }

    private void Tell(string piece, TurnRequest request)
    {
        if (piece.Length == 0)
            return;
        _timeToFirstText ??= connection.Time.GetElapsedTime(_sentAt);
        request.OnUpdate?.Invoke(PromptUpdate.ForText(piece));
    }

    private static TurnResult NotSent(PromptOutcome outcome, AgentException failure) =>
        new() { Outcome = outcome, Failure = failure, MayHaveBeenSeen = false };
}
