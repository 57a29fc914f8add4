namespace KiroPool.Engine.Kiro;

/// <summary>
/// kiro-cli's v2 engine: bare <c>-32603</c> errors with their text in <c>data</c>, modes and models of its own, credits in
/// <c>_kiro.dev/metadata</c>.
/// </summary>
internal sealed class KiroV2Dialect : AgentDialect
{
    private static readonly CloseMethod Terminate = new("_kiro.dev/session/terminate", Destroys: false);

    public static KiroV2Dialect Instance { get; } = new();

    public override KiroEngine? Engine => KiroEngine.V2;

    /// <summary>The second one is for an engine that says nothing of itself and is v3.</summary>
    public override IReadOnlyList<CloseMethod> CloseMethods { get; } = [Terminate, KiroV3Dialect.Delete];

    public override bool HasUnlistedOptions => true;
}
