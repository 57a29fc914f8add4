using System.Text.Json;

namespace KiroPool.Pester;

/// <summary>What Invoke-TestFile.ps1 says of one file.</summary>
/// <param name="Tests">The tests that ran, or were found.</param>
/// <param name="Failures">Failures outside of tests: in discovery, or in what a block does before and after its tests.</param>
internal sealed record PesterReport(IReadOnlyList<PesterTest> Tests, IReadOnlyList<PesterFailure> Failures)
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true, RespectNullableAnnotations = true };

    public static PesterReport Read(string path) =>
        JsonSerializer.Deserialize<PesterReport>(File.ReadAllText(path), Format) ?? throw new InvalidDataException($"{path} holds no report.");
}

/// <summary>One test.</summary>
/// <param name="Id">The same in discovery and run.</param>
/// <param name="Name">Blocks and test, as they are written.</param>
/// <param name="Result">Pester's word: Passed, Failed, Skipped, Inconclusive; NotRun in discovery.</param>
/// <param name="Message">Why it failed or was skipped; empty otherwise.</param>
/// <param name="Stack">Where; empty otherwise.</param>
/// <param name="Started">When it started.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record PesterTest(string Id, string Name, string Result, string Message, string Stack, DateTimeOffset Started, double Seconds);

/// <summary>A failure outside of tests.</summary>
/// <param name="Name">Where it happened.</param>
/// <param name="Message">What happened.</param>
/// <param name="Stack">The script's stack.</param>
internal sealed record PesterFailure(string Name, string Message, string Stack);
