using System.Text;
using KiroPool.Engine.Acp;

namespace KiroPool.Engine.Tests.Acp;

public sealed class LostUpdateTests
{
    [Theory]
    [InlineData("""{"method":"session/update","params":{"sessionId":"s","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"xxx""", "xxx\"}}}}", true, "s")]
    [InlineData("""{"method":"session/update","params":{"sessionId":"s","update":{"sessionUpdate":"tool_call_update","rawOutput":{"text":"xxx""", "xxx\"}}}}", false, "s")]
    [InlineData("""{"method":"session/update","params":{"sessionId":"s","update":{"content":{"type":"text","text":"xxx""", "xxx\"},\"sessionUpdate\":\"agent_message_chunk\"}}}", true, "s")]
    [InlineData("""{"method":"session/update","params":{"sessionId":"s","update":{"content":{"type":"text","text":"xxx""", "xxx\"},\"sessionUpdate\":\"agent_thought_chunk\"}}}", false, "s")]
    [InlineData("""{"method":"session/update","params":{"update":{"content":{"type":"text","text":"xxx""", "xxx\"}}}}", true, null)]
    public void What_held_a_part_of_an_answer_is_told_from_what_did_not(string head, string tail, bool isAnswer, string? session)
    {
        Assert.Equal(isAnswer, LostUpdate.Read(Encoding.UTF8.GetBytes(head), Encoding.UTF8.GetBytes(tail), out string? sessionId));
        Assert.Equal(session, sessionId);
    }

    [Fact]
    public void A_name_inside_the_content_is_not_the_kind_of_the_update() =>
        Assert.True(LostUpdate.Read("""{"method":"session/update","params":{"sessionId":"s","update":{"content":{"sessionUpdate":"tool_call","text":"xxx"""u8, "xxx\"},\"sessionUpdate\":\"agent_message_chunk\"}}}"u8, out _));
}
