using System.Text;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Tests.JsonRpc;

public sealed class JsonRpcFrameTests
{
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"m","params":{"a":1}}""", "notification m {\"a\":1}")]
    [InlineData("""{"method":"m"}""", "notification m ")]
    [InlineData("""{"params":[1, 2],"id":7,"method":"m"}""", "request 7 m [1, 2]")]
    [InlineData("""{"id":"a-1","method":"m","params":null}""", "request \"a-1\" m null")]
    [InlineData("""{"id":7,"result":{"id":8,"method":"inner"}}""", "response 7 {\"id\":8,\"method\":\"inner\"} ")]
    [InlineData("""{"id":7,"error":{"code":1}}""", "response 7  {\"code\":1}")]
    [InlineData("""{"id":"7","result":null}""", "response \"7\" null ")]
    [InlineData("""{"id":7,"method":null,"result":1}""", "response 7 1 ")]
    [InlineData("""{"id":null,"method":"m"}""", "notification m ")]
    [InlineData("""{"id":{},"method":"m"}""", "notification m ")]
    [InlineData("""{"extra":[{"id":1}],"method":"m"}""", "notification m ")]
    [InlineData(""" { "method" : "m" , "params" : { } } """, "notification m { }")]
    [InlineData("""{"method":"a","method":"b"}""", "notification b ")]
    [InlineData("""{"id":1,"id":2,"result":3,"result":4}""", "response 2 4 ")]
    [InlineData("""{"m\u0065thod":"\u006d"}""", "notification m ")]
    [InlineData("""{"id":-1.5e3,"result":0}""", "response -1.5e3 0 ")]
    public void A_message_is_split_into_its_members(string line, string expected) => Assert.Equal(expected, Read(line));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Welcome to the agent!")]
    [InlineData("null")]
    [InlineData("42")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("""[{"method":"m"}]""")]
    [InlineData("{}")]
    [InlineData("""{"jsonrpc":"2.0"}""")]
    [InlineData("""{"result":1}""")]
    [InlineData("""{"error":{"code":1}}""")]
    [InlineData("""{"id":null,"result":1}""")]
    [InlineData("""{"id":[1],"result":1}""")]
    [InlineData("""{"method":5}""")]
    [InlineData("""{"id":1,"method":5}""")]
    [InlineData("""{"id":1,"method":{"name":"m"}}""")]
    [InlineData("""{"method":"m"}{"method":"n"}""")]
    [InlineData("""{"method":"m"} trailing""")]
    [InlineData("""{"method":"m","params":""")]
    [InlineData("""{"method":"m",}""")]
    [InlineData("""{"method":"m","params":{]}""")]
    [InlineData("""{'method':'m'}""")]
    [InlineData("""{"method":"m"} // comment""")]
    [InlineData("{\"method\":\"a\u0001b\"}")]
    [InlineData("""{"method":"\ud800"}""")]
    [InlineData("\u001b[32m{\"method\":\"m\"}\u001b[0m")]
    public void An_invalid_message_is_refused(string line) => Assert.Null(Read(line));

    [Fact]
    public void A_method_that_is_not_text_is_refused() => Assert.Null(Read([.. "{\"method\":\"a"u8, 0xC3, 0x28, .. "\"}"u8]));

    [Fact]
    public void Invalid_text_inside_the_parameters_is_left_to_their_reader() =>
        Assert.NotNull(Read([.. "{\"method\":\"m\",\"params\":{\"text\":\""u8, 0xC3, 0x28, .. "\"}}"u8]));

    [Theory]
    [InlineData("""{"method":"m","params":{"a":1,}}""", "notification m {\"a\":1,}")]
    [InlineData("""{"id":1,"result":{"a":tru}} """, "response 1 {\"a\":tru} ")]
    public void The_content_of_the_last_member_is_left_to_its_reader(string line, string expected) => Assert.Equal(expected, Read(line));

    [Theory]
    [InlineData("""{"method":"m","params":{"a":1,},"id":1}""")]
    [InlineData("""{"method":"m","params":{"a":"}}"}""")]
    [InlineData("""{"method":"m","params":{}}}""")]
    [InlineData("""{"method":"m","params":{}},""")]
    [InlineData("""{"method":"m","params":{"a":"\"}}""")]
    public void Members_after_the_object_are_read(string line) => Assert.Null(Read(line));

    [Theory]
    [InlineData(200, true)]
    [InlineData(300, false)]
    [InlineData(100_000, false)]
    public void Depth_is_bounded(int depth, bool isTaken)
    {
        string line = $$"""{"method":"m","params":{{new string('[', depth)}}{{new string(']', depth)}}}""";

        Assert.Equal(isTaken, Read(line) is not null);
    }

    private static string? Read(string line) => Read(Encoding.UTF8.GetBytes(line));

    private static string? Read(byte[] line)
    {
        if (!JsonRpcFrame.TryParse(line, new RecentNames(), out JsonRpcFrame frame))
            return null;
        Assert.Single(new[] { frame.IsNotification, frame.IsRequest, frame.IsResponse }, is_ => is_);
        string id = Text(frame.Id);
        return frame.IsNotification ? $"notification {frame.Method} {Text(frame.Params)}"
            : frame.IsRequest ? $"request {id} {frame.Method} {Text(frame.Params)}"
            : $"response {id} {Text(frame.Result)} {Text(frame.Error)}";
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
