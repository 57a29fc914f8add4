using System.Text;
using System.Text.Json;
using KiroPool.Engine.Acp;

namespace KiroPool.Engine.Tests.Acp;

public sealed class SessionOfferTests
{
    private readonly SessionOffer _offer = new();

    [Fact]
    public void An_answer_with_the_same_offer_reuses_the_parsed_one()
    {
        SessionReply one = Read(Answer("one", "auto"));
        SessionReply two = Read(Answer("a \\u00fc longer one", "auto"));

        Assert.Equal(("one", "a ü longer one"), (one.SessionId, two.SessionId));
        Assert.Same(one.Models, two.Models);
        Assert.Same(two, _offer.Latest);
    }

    [Fact]
    public void A_changed_offer_is_parsed_again()
    {
        Read(Answer("one", "auto"));

        SessionReply other = Read(Answer("one", "opus"));

        Assert.Equal("opus", other.Models!.CurrentModelId);
        Assert.Equal("opus", _offer.Latest.Models!.CurrentModelId);
    }

    [Fact]
    public void An_id_inside_the_offer_is_not_the_session_id()
    {
        Assert.Equal("one", Read("""{"models":{"sessionId":"inner"},"sessionId":"one"}""").SessionId);
        Assert.Equal("two", Read("""{"models":{"sessionId":"inner"},"sessionId":"two"}""").SessionId);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"sessionId":null}""")]
    [InlineData("""{"sessionId":""}""")]
    public void A_repeated_answer_without_an_id_has_no_id(string json)
    {
        Read(Answer("one", "auto"));

        Assert.True(string.IsNullOrEmpty(Read(json).SessionId));
        Assert.True(string.IsNullOrEmpty(Read(json).SessionId));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("""{"sessionId":5}""")]
    [InlineData("")]
    public void An_invalid_answer_is_refused(string json) => Assert.Throws<JsonException>(() => Read(json));

    private static string Answer(string id, string model) =>
        $$$"""{"modes":{"currentModeId":"kiro_default"},"sessionId":"{{{id}}}","models":{"currentModelId":"{{{model}}}"}}""";

    private SessionReply Read(string json) => _offer.Read(Encoding.UTF8.GetBytes(json));
}
