using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.JsonRpc;

public sealed class JsonScanTests
{
    private const string Characters = "\"\\{}[]\n,:aü€ ";

    [Theory]
    [InlineData("""{}""", "")]
    [InlineData("""{"a":{"b":[{}]}}""", ""","id":1}""")]
    [InlineData("""{"a":"}"}""", "}")]
    [InlineData("""{"a":"\"}\\"}""", "}}")]
    [InlineData("""{"\u007d":"\u0022}"}""", "}")]
    [InlineData("""{ "a" : 1 }""", " }")]
    public void An_object_ends_at_its_last_brace(string json, string behind) =>
        Assert.Equal(Encoding.UTF8.GetByteCount(json), JsonScan.ObjectLength(Encoding.UTF8.GetBytes(json + behind)));

    [Theory]
    [InlineData("{")]
    [InlineData("""{"a":"}""")]
    [InlineData("{\"a\":\"\\\"")]
    [InlineData("{\"a\":\"\\")]
    [InlineData("""{"a":{}""")]
    [InlineData("")]
    public void An_object_without_an_end_has_no_length(string json) => Assert.Equal(-1, JsonScan.ObjectLength(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [MemberData(nameof(TakeSeeds))]
    public void The_length_equals_that_of_the_framework_reader(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 2000; i++)
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(MakeObject(random, depth: 0));
            var reader = new Utf8JsonReader(json);
            reader.Read();
            reader.Skip();
            Assert.True(JsonScan.ObjectLength([.. json, .. "}, \"{"u8]) == reader.BytesConsumed, Encoding.UTF8.GetString(json));
        }
    }

    public static TheoryData<int> TakeSeeds() => Seeds.Take(usual: 2, full: 20);

    private static JsonObject MakeObject(Random random, int depth)
    {
        var made = new JsonObject();
        for (int i = random.Next(4); i > 0; i--)
            made[Text(random) + i] = Make(random, depth + 1);
        return made;
    }

    private static JsonNode? Make(Random random, int depth) => random.Next(depth > 4 ? 3 : 5) switch
    {
        0 => null,
        1 => random.Next(),
        2 => Text(random),
        3 => MakeObject(random, depth),
        _ => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Make(random, depth + 1))]),
    };

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Characters[random.Next(Characters.Length)]));
}
