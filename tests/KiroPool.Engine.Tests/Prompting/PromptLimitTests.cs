using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Prompting;

/// <summary>A limit that no timer can keep is refused before an agent is requested.</summary>
public sealed class PromptLimitTests
{
    public static TheoryData<string, PromptRequest> Wrong => new()
    {
        { "Timeout", new PromptRequest { Prompt = "hello", Timeout = TimeSpan.FromMilliseconds(-1) } },
        { "Timeout", new PromptRequest { Prompt = "hello", Timeout = TimeSpan.MaxValue } },
        { "InactivityTimeout", new PromptRequest { Prompt = "hello", InactivityTimeout = TimeSpan.FromDays(50) } },
        { "HandlerTimeout", new PromptRequest { Prompt = "hello", Permissions = new PermissionPolicy { HandlerTimeout = TimeSpan.MaxValue } } },
        { "RetryCount", new PromptRequest { Prompt = "hello", RetryCount = 101 } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_limit_is_named_and_nothing_starts(string name, PromptRequest request)
    {
        await using var bench = new PoolBench();

        ArgumentOutOfRangeException refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => bench.Pool.PromptAsync(request, TestContext.Current.CancellationToken).InTime());

        Assert.Equal(name, refused.ParamName);
        Assert.Equal(0, bench.Connector.StartCount);
    }

    [Fact]
    public void A_wrong_limit_of_the_pools_permissions_is_refused() =>
        Assert.Equal("HandlerTimeout", Assert.Throws<ArgumentOutOfRangeException>(() => new AgentPool(new PoolOptions(), PoolBench.Key("a")) { Permissions = new PermissionPolicy { HandlerTimeout = TimeSpan.MaxValue } }).ParamName);
}
