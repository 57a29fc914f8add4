using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

public sealed class TurnViewTests
{
    [Theory]
    [InlineData("plain\n\ttext ünï 漢", "plain\n\ttext ünï 漢")]
    [InlineData("\u001b[2Jgone\u001b]0;title\u0007", "[2Jgone]0;title")]
    [InlineData("a\rb\bc\u009b1m", "abc1m")]
    public void An_agents_text_cannot_steer_the_terminal(string text, string shown) => Assert.Equal(shown, TurnView.Harmless(text));
}
