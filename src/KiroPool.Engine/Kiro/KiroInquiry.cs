using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Kiro;

/// <summary>The answer of a short command.</summary>
internal sealed record InquiryAnswer(int ExitCode, string Output, string ErrorText);

/// <summary>Runs a kiro-cli command that answers a question and ends, under a deadline and with an empty stdin.</summary>
internal static class KiroInquiry
{
    // More than any list needs.
    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Runs it.</summary>
    /// <returns>The answer; null if the command did not end in time. Its process is then ended.</returns>
    /// <exception cref="AgentException">The program could not be started.</exception>
    public static async Task<InquiryAnswer?> RunAsync(AgentSpec spec, IReadOnlyList<string> arguments, TimeSpan limit, TimeProvider time, IAgentStarter starter, CancellationToken cancellationToken)
    {
        // The guardian runs while there are pools, but a question needs no pool.
        ProcessGuardian.Shared.AddPool();
        try
        {
            using var deadline = new StepLimit(limit, turn: null, time, cancellationToken);
            var command = new AgentCommand(spec.Executable, arguments, spec.WorkingDirectory, KiroEnvironment.Of(spec, isPlainText: true, starter.Host));
            AgentProcess process = await starter.LaunchAsync(command, deadline.Token).ConfigureAwait(false);
            try
            {
                await process.Input.DisposeAsync().ConfigureAwait(false);
                string output = await ReadAsync(process.Output, deadline.Token).ConfigureAwait(false);
                int exitCode = await process.Exited.WaitAsync(deadline.Token).ConfigureAwait(false);
                return new InquiryAnswer(exitCode, output, AnsiText.Strip(await process.ReadStderrTailAsync().ConfigureAwait(false)));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
            finally
            {
                await process.StopAsync(StopGraces.None, time).ConfigureAwait(false);
            }
        }
        finally
        {
            await ProcessGuardian.Shared.RemovePoolAsync().ConfigureAwait(false);
        }
    }

    private static async Task<string> ReadAsync(Stream output, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[8192];
        int count;
        while (all.Length < MostBytes && (count = await output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            all.Write(buffer, 0, count);
        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }
}
