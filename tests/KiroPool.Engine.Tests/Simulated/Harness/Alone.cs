namespace KiroPool.Engine.Tests.Simulated;

/// <summary>Tests that measure time or memory, or listen to the whole process. No other test runs beside them.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
