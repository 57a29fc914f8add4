namespace KiroPool.Tests.Harness;

/// <summary>Tests that change values of the whole process, such as PATH, or measure time. No other test runs beside them.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
