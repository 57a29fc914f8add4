using System.Globalization;
using System.Management.Automation;

namespace KiroPool.Pipeline;

/// <summary>One line of a progress bar for each running prompt. A line is used again by the next prompt, so there are as many as agents.</summary>
/// <param name="nextId">Returns the id of a new line.</param>
internal sealed class AgentLines(Func<int> nextId)
{
    private readonly object _gate = new();
    private readonly List<Line> _lines = [];

    /// <summary>A prompt has got an agent.</summary>
    /// <param name="prompt">Its name.</param>
    /// <param name="process">The process of the agent.</param>
    /// <returns>Call it when the prompt has ended.</returns>
    public Action Begin(string prompt, int? process)
    {
        lock (_gate)
        {
            Line? line = _lines.Find(one => one.Prompt is null);
            if (line is null)
                _lines.Add(line = new Line(nextId()));
            (line.Prompt, line.Process, line.Since) = (prompt, process, Environment.TickCount64);
            return () =>
            {
                lock (_gate)
                    line.Prompt = null;
            };
        }
    }

    /// <summary>The records that bring the lines up to date.</summary>
    /// <param name="parent">The id of the bar above them.</param>
    /// <param name="isOver">Whether all lines end.</param>
    public IReadOnlyList<ProgressRecord> Read(int parent, bool isOver = false)
    {
        var records = new List<ProgressRecord>();
        lock (_gate)
        {
            foreach (Line line in _lines)
            {
                bool isShown = line.Prompt is not null && !isOver;
                if (isShown || line.IsShown)
                    records.Add(line.ToRecord(parent, isShown));
                line.IsShown = isShown;
            }
        }

        return records;
    }

    private sealed class Line(int id)
    {
        public string? Prompt { get; set; }

        public int? Process { get; set; }

        public long Since { get; set; }

        public bool IsShown { get; set; }

        public ProgressRecord ToRecord(int parent, bool isShown)
        {
            long seconds = (Environment.TickCount64 - Since) / 1000;
            string status = string.Create(CultureInfo.InvariantCulture, $"{seconds} s{(Process is { } process ? $", process {process}" : "")}");
            return new ProgressRecord(id, Prompt ?? "Done", status)
            {
                ParentActivityId = parent,
                RecordType = isShown ? ProgressRecordType.Processing : ProgressRecordType.Completed,
            };
        }
    }
}
