using System.Management.Automation;

namespace KiroPool.Tests.Harness;

/// <summary>The output of a script, stream by stream.</summary>
internal sealed class Ran
{
    public Ran(IEnumerable<PSObject?> output, PSDataStreams streams, RuntimeException? end)
    {
        Output = [.. output];
        Errors = [.. streams.Error];
        Warnings = [.. streams.Warning.Select(r => r.Message)];
        Verbose = [.. streams.Verbose.Select(r => r.Message)];
        Progress = [.. streams.Progress];
        Debug = [.. streams.Debug.Select(r => r.Message)];
        Terminating = end?.ErrorRecord;
    }

    public IReadOnlyList<PSObject?> Output { get; }

    public IReadOnlyList<ErrorRecord> Errors { get; }

    public IReadOnlyList<string> Warnings { get; }

    public IReadOnlyList<string> Verbose { get; }

    public IReadOnlyList<string> Debug { get; }

    public IReadOnlyList<ProgressRecord> Progress { get; }

    /// <summary>The error that ended the script, if one did.</summary>
    public ErrorRecord? Terminating { get; }

    public IReadOnlyList<PromptResult> Results => [.. Values<PromptResult>()];

    public IReadOnlyList<string> Texts => [.. Results.Select(r => r.Text)];

    public PromptResult Result => Assert.Single(Results);

    /// <summary>The single error, whether it ended the script or not.</summary>
    public ErrorRecord Error => Assert.Single(Terminating is null ? Errors : [Terminating, .. Errors.Where(e => e.Exception != Terminating.Exception)]);

    public T Value<T>() => Assert.Single(Values<T>());

    public IEnumerable<T> Values<T>() => Output.Select(o => o?.BaseObject).OfType<T>();

    /// <summary>Itself, if the script ran without an error.</summary>
    public Ran WithoutError()
    {
        Assert.Null(Terminating);
        Assert.Empty(Errors);
        return this;
    }
}
