using System.Globalization;

namespace KiroPool.Benchmarks.Agents;

/// <summary>What an answer is like. The instant agent reads it out of the prompt, which is this as text.</summary>
internal readonly record struct TurnShape(int Chunks, int Bytes)
{
    /// <summary>An agent that says nothing.</summary>
    public static TurnShape Silent => new(0, 0);

    public string Name => Chunks == 0 ? "no text" : $"{(Bytes >= 1 << 20 ? "1 MB" : "1 kB")} in {Chunks} chunk{(Chunks == 1 ? "" : "s")}";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Chunks} chunks {Bytes} bytes");
}
