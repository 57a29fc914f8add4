using KiroPool.Engine.Prompting;
using KiroPool.Schemas;

namespace KiroPool.Pipeline;

/// <summary>Reviews answers by a schema: an agent is asked again while they do not fit.</summary>
/// <param name="schema">The schema.</param>
/// <param name="retryCount">How often at most.</param>
/// <param name="pump">The invocation's pump: values of PowerShell classes are made on the pipeline thread.</param>
internal sealed class SchemaReview(AnswerSchema schema, int retryCount, PipelinePump pump) : IAnswerReview
{
    public string Instruction { get; } = SchemaWording.Instruction(schema);

    public string OutputSchema => schema.Json;

    public int RetryCount => retryCount;

    public async ValueTask<AnswerVerdict> ReviewAsync(string answer, CancellationToken cancellationToken)
    {
        AnswerReading reading = schema.NeedsPipelineThread
            ? await ReadOnPipelineThreadAsync(answer, cancellationToken).ConfigureAwait(false)
            : AnswerReading.Read(schema, answer);
        if (reading.Faults.Count == 0)
            return new AnswerVerdict { Value = reading.Value, ValueJson = reading.Json };
        string[] faults = [.. reading.Faults.Select(fault => fault.ToString())];
        return new AnswerVerdict
        {
            FollowUp = SchemaWording.Repair(reading.Faults),
            Failure = new AgentException(FailureKind.InvalidOutput, $"The answer does not fit the schema. {string.Join("; ", faults)}.") { Value = faults },
        };
    }

    private async Task<AnswerReading> ReadOnPipelineThreadAsync(string answer, CancellationToken cancellationToken)
    {
        var read = new TaskCompletionSource<AnswerReading>(TaskCreationOptions.RunContinuationsAsynchronously);
        pump.Post(RecordKind.Action, (Action)(() =>
        {
            try
            {
                read.TrySetResult(AnswerReading.Read(schema, answer));
            }
            catch (Exception e)
            {
                read.TrySetException(e);
            }
        }));
        return await read.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
