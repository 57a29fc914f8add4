using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(KiroPool.Testing.LongFirst))]

namespace KiroPool.Testing;

/// <summary>Marks a test class that takes half a minute or more. It starts before the others, so that a run does not end with waiting for it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LongAttribute : Attribute;

/// <summary>Starts the marked classes first.</summary>
internal sealed class LongFirst : ITestCollectionOrderer
{
    private static readonly string[] Marked = [.. typeof(LongFirst).Assembly.GetTypes().Where(type => type.IsDefined(typeof(LongAttribute), inherit: false)).Select(type => type.FullName!)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => Array.Exists(Marked, name => collection.TestCollectionDisplayName.Contains($" {name} ", StringComparison.Ordinal)))];
}
