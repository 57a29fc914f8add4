using Microsoft.Testing.Platform.Extensions.Messages;
using Microsoft.Testing.Platform.Extensions.TestFramework;
using Microsoft.Testing.Platform.Requests;
using Microsoft.Testing.Platform.TestHost;

namespace KiroPool.Pester;

/// <summary>
/// Reports every Pester test separately: name, duration, message. Each file runs in its own pwsh, as many at a time as
/// there are processors.
/// </summary>
internal sealed class PesterFramework(PesterSuite suite) : ITestFramework, IDataProducer
{
    public string Uid => nameof(PesterFramework);

    public string Version => "1.0.0";

    public string DisplayName => "Pester";

    public string Description => "Runs the Pester suite in a real pwsh.";

    public Type[] DataTypesProduced => [typeof(TestNodeUpdateMessage)];

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public Task<CreateTestSessionResult> CreateTestSessionAsync(CreateTestSessionContext context) =>
        Task.FromResult(new CreateTestSessionResult { IsSuccess = true });

    public Task<CloseTestSessionResult> CloseTestSessionAsync(CloseTestSessionContext context) =>
        Task.FromResult(new CloseTestSessionResult { IsSuccess = true });

    public async Task ExecuteRequestAsync(ExecuteRequestContext context)
    {
        bool discoverOnly = context.Request is DiscoverTestExecutionRequest;
        SessionUid session = context.Request.Session.SessionUid;
        var process = new PesterProcess(suite);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = context.CancellationToken };
        try
        {
            await Parallel.ForEachAsync(suite.Files, limits, async (file, cancellation) =>
            {
                PesterReport report = await process.RunAsync(file, discoverOnly, cancellation);
                foreach (TestNode node in Nodes(file, report, discoverOnly))
                    await context.MessageBus.PublishAsync(this, new TestNodeUpdateMessage(session, node));
            });
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // Reported results stay.
        }

        context.Complete();
    }

    private static IEnumerable<TestNode> Nodes(FileInfo file, PesterReport report, bool discoverOnly)
    {
        foreach (PesterTest test in report.Tests)
        {
            yield return new TestNode
            {
                Uid = test.Id,
                DisplayName = $"{file.Name}: {test.Name}",
                Properties = discoverOnly
                    ? new PropertyBag(DiscoveredTestNodeStateProperty.CachedInstance)
                    : new PropertyBag(State(test), Timing(test)),
            };
        }

        foreach (PesterFailure failure in report.Failures)
        {
            yield return new TestNode
            {
                Uid = $"{file.Name}:{failure.Name}",
                DisplayName = $"{file.Name}: {failure.Name}, outside of its tests",
                Properties = new PropertyBag(Failed(failure.Message, failure.Stack)),
            };
        }
    }

    // A test that is skipped without a reason would be forgotten.
    private static TestNodeStateProperty State(PesterTest test) => test switch
    {
        { Result: "Passed" } => PassedTestNodeStateProperty.CachedInstance,
        { Result: "Skipped", Message: not "" } => new SkippedTestNodeStateProperty(test.Message),
        { Result: "Skipped" } => Failed("It is skipped without a reason. Give one with Set-ItResult -Skipped -Because.", ""),
        { Message: "" } => Failed($"Pester says {test.Result}, without a message: see the failures outside of the tests.", ""),
        _ => Failed(test.Message, test.Stack),
    };

    private static FailedTestNodeStateProperty Failed(string message, string stack) => new(new PesterFailureException(message, stack));

    private static TimingProperty Timing(PesterTest test)
    {
        var duration = TimeSpan.FromSeconds(test.Seconds);
        return new TimingProperty(new TimingInfo(test.Started, test.Started + duration, duration));
    }
}

/// <summary>A failure with the script's stack.</summary>
internal sealed class PesterFailureException(string message, string stack) : Exception(message)
{
    public override string StackTrace => stack;
}
