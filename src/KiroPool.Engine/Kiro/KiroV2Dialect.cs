namespace KiroPool.Engine.Kiro;

/// <summary>
/// kiro-cli's engine V2: errors are <c>-32603</c> with the text in <c>data</c>, <c>session/new</c> lists modes and models,
/// and credits come in <c>_kiro.dev/metadata</c>.
/// </summary>
internal sealed class KiroV2Dialect : AgentDialect
{
    private static readonly CloseMethod Terminate = new("_kiro.dev/session/terminate", Destroys: false);

    public static KiroV2Dialect Instance { get; } = new();

    public override KiroEngine? Engine => KiroEngine.V2;

    /// <summary>The second method is for a V3 that did not identify itself.</summary>
    public override IReadOnlyList<CloseMethod> CloseMethods { get; } = [Terminate, KiroV3Dialect.Delete];

    public override bool HasUnlistedOptions => true;
}
