namespace KiroPool.Simulator;

/// <summary>One conversation.</summary>
internal sealed class AcpSession(string id, string mode, string model)
{
    private Turn? _turn;

    public string Id => id;

    /// <summary>The agent: a mode, in the words of the protocol.</summary>
    public string Mode { get; set; } = mode;

    public string Model { get; set; } = model;

    /// <summary>What was said so far; touched by the running turn only.</summary>
    public List<Exchange> History { get; init; } = [];

    /// <summary>Options besides agent and model that were set.</summary>
    public Dictionary<string, string> Options { get; } = [];

    /// <summary>Whether the client was told the list of models in an update.</summary>
    public bool KnowsModels { get; set; }

    /// <summary>What the pieces of the running turn's answer are marked with.</summary>
    public string ReplayId { get; set; } = "";

    public double ContextPercent { get; set; }

    public double CreditsUsed { get; set; }

    /// <summary>Tool kinds the client answered <c>allow_always</c> for.</summary>
    public HashSet<string> AlwaysAllowed { get; } = [];

    public Turn? RunningTurn => Volatile.Read(ref _turn);

    /// <summary>The schema the last prompt wanted its answer by; a complaint about the answer refers to it.</summary>
    public SchemaAnswer? Schema { get; set; }

    /// <summary>False while another turn runs.</summary>
    public bool TryBegin(Turn turn) => Interlocked.CompareExchange(ref _turn, turn, null) is null;

    /// <summary>Comes before the response: who has the response may send the next prompt.</summary>
    public void End() => Volatile.Write(ref _turn, null);
}

internal readonly record struct Exchange(string Prompt, string Answer);
