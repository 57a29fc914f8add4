namespace KiroPool.Pipeline;

/// <summary>Holds records back until all earlier work has ended.</summary>
internal sealed class OrderedOutput
{
    private readonly Dictionary<long, List<PipelineRecord>> _held = [];

    /// <summary>The first piece of work that has not ended.</summary>
    public long NextWork { get; private set; }

    /// <summary>Adds a record and returns the records that may be written now.</summary>
    public IEnumerable<PipelineRecord> Add(PipelineRecord record)
    {
        if (!_held.TryGetValue(record.Work, out List<PipelineRecord>? records))
            _held.Add(record.Work, records = []);
        records.Add(record);

        while (_held.TryGetValue(NextWork, out List<PipelineRecord>? next) && next[^1].Kind == RecordKind.Finished)
        {
            _held.Remove(NextWork++);
            foreach (PipelineRecord ready in next)
                yield return ready;
        }
    }
}
