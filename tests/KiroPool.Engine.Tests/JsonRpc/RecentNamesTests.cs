using System.Text.Json;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Tests.JsonRpc;

public sealed class RecentNamesTests
{
    private readonly RecentNames _names = new();

    [Fact]
    public void A_repeated_name_is_the_same_string()
    {
        string first = Read("session/update");
        string other = Read("_kiro/metering");

        Assert.Same(first, Read("session/update"));
        Assert.Same(other, Read("_kiro/metering"));
        Assert.Equal(("session/update", "_kiro/metering"), (first, other));
    }

    [Fact]
    public void Many_names_and_long_ones_are_read_and_not_kept()
    {
        string huge = new('x', 100_000);
        Assert.Equal(huge, Read(huge));
        Assert.NotSame(Read(huge), Read(huge));

        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"method/{i}")];
        Assert.Equal(names, names.Select(Read));
        Assert.NotSame(Read(names[0]), names[0]);
    }

    private string Read(string name)
    {
        var reader = new Utf8JsonReader(JsonSerializer.SerializeToUtf8Bytes(name));
        reader.Read();
        return _names.Read(ref reader);
    }
}
