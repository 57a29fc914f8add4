using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

public sealed class HostResourceTests
{
    public HostResourceTests() => ShellAgent.Require();

    [Fact]
    public async Task A_host_without_file_handles_is_told_so_and_the_program_is_not_blamed()
    {
        using var agent = new SimulatedAgent();
        using var host = new HostProcess(agent, mostHandles: 256);
        await host.TellAsync("ask | hello");
        Assert.StartsWith("Completed", await host.AnswerAsync(), StringComparison.Ordinal);

        await host.DoAsync("handles");
        await host.TellAsync("ask | hello");
        string answer = await host.AnswerAsync();

        Assert.StartsWith("Failed ResourcesExhausted 0 ", answer, StringComparison.Ordinal);
        Assert.Contains("no file handle left (limit 256)", answer, StringComparison.Ordinal);
    }
}
