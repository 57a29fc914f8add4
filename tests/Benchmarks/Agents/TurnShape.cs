using System.Globalization;

namespace KiroPool.Benchmarks.Agents;

/// <summary>The shape of an answer. The prompt contains it as text, and the instant agent reads it from there.</summary>
internal readonly record struct TurnShape(int Chunks, int Bytes)
{
    /// <summary>An answer without text.</summary>
    public static TurnShape Silent => new(0, 0);

    public string Name => Chunks == 0 ? "no text" : $"{(Bytes >= 1 << 20 ? "1 MB" : "1 kB")} in {Chunks} chunk{(Chunks == 1 ? "" : "s")}";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Chunks} chunks {Bytes} bytes");
}
