namespace KiroPool.Tests.Harness;

/// <summary>Tests that change what belongs to the whole process, as its PATH, and so run beside no others.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
