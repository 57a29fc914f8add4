namespace KiroPool.Tests;

/// <summary>
/// The public API changes only on purpose. <c>KIROPOOL_WRITE_API=1 dotnet test --project tests/KiroPool.Tests</c>
/// rewrites docs/public-api.txt. Review the difference like any other.
/// </summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_API_equals_its_listing()
    {
        string path = Path.Combine(Repository.Root, "docs", "public-api.txt");
        string present = PublicApi.Describe(typeof(PoolInfo).Assembly, typeof(PromptResult).Assembly);
        if (Environment.GetEnvironmentVariable("KIROPOOL_WRITE_API") == "1")
            File.WriteAllText(path, present);

        string[] written = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');

        string[] difference = [.. written.Except(present.Split('\n')).Select(line => $"- {line.Trim()}"), .. present.Split('\n').Except(written).Select(line => $"+ {line.Trim()}")];
        Assert.True(difference.Length == 0, $"The public API differs from {path}; KIROPOOL_WRITE_API=1 and this test rewrite it:\n{string.Join('\n', difference)}");
        Assert.Equal(written, present.Split('\n'));
    }
}
