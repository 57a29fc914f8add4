using System.Text.Json;

namespace KiroPool.Pester;

/// <summary>The report of Invoke-TestFile.ps1 for one file.</summary>
/// <param name="Tests">The tests that ran, or were found.</param>
/// <param name="Failures">Failures outside of tests: in discovery, or in the setup and teardown of a block.</param>
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
/// <param name="Message">The reason of a failure or a skip; otherwise empty.</param>
/// <param name="Stack">The place; otherwise empty.</param>
/// <param name="Started">The start time.</param>
/// <param name="Seconds">The duration.</param>
internal sealed record PesterTest(string Id, string Name, string Result, string Message, string Stack, DateTimeOffset Started, double Seconds);

/// <summary>A failure outside of tests.</summary>
/// <param name="Name">The place of the failure.</param>
/// <param name="Message">The message.</param>
/// <param name="Stack">The script's stack.</param>
internal sealed record PesterFailure(string Name, string Message, string Stack);
