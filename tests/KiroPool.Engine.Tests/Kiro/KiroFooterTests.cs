using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Tests.Kiro;

public sealed class KiroFooterTests
{
    [Theory]
    [InlineData("▸ Credits: 0.05 • Time: 2s", 0.05, 2.0)]
    [InlineData(" ▸ Credits: 12 • Time: 1m 2s", 12, 62.0)]
    [InlineData("noise\n▸ Credits: 0.1 • Time: 1h2m3s\n", 0.1, 3723.0)]
    [InlineData("▸ Credits: 0.1 • Time: 350ms", 0.1, 0.35)]
    [InlineData("▸ Credits: 0.1 • Time: 1.5s\r\nmore", 0.1, 1.5)]
    [InlineData("▸ Credits: 0.1", 0.1, null)]
    [InlineData("▸ Credits: 0.1 • Time: 1s\n▸ Credits: 0.2 • Time: 3s", 0.2, 3.0)]
    public void The_last_footer_gives_credits_and_time(string text, double credits, double? seconds)
    {
        KiroFooter? footer = KiroFooter.Find(text);

        Assert.Equal(((decimal)credits, seconds), (footer!.Credits, footer.Time?.TotalSeconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Total Credits: 5")]
    [InlineData("▸ Credits: many")]
    [InlineData("▸ Time: 2s")]
    public void Other_lines_are_not_a_footer(string text) => Assert.Null(KiroFooter.Find(text));

    [Theory]
    [InlineData("Too many requests", FailureKind.RateLimited)]
    [InlineData("request was THROTTLED", FailureKind.RateLimited)]
    [InlineData("Monthly request limit reached", FailureKind.QuotaExceeded)]
    [InlineData("You are not logged in", FailureKind.SignInRequired)]
    [InlineData("Your API key has expired", FailureKind.SignInRequired)]
    [InlineData("all is well", null)]
    public void Failures_of_the_account_are_recognised_by_their_texts(string text, FailureKind? kind) => Assert.Equal(kind, KnownFailure.OfAccount(text));

    [Theory]
    [InlineData("Model 'gpt-9' does not exist", FailureKind.ModelNotFound)]
    [InlineData("no agent with name nobody found. Falling back to user specified default", FailureKind.AgentNotFound)]
    [InlineData("Model 'other' does not exist", null)]
    [InlineData("model gpt-9 is used", null)]
    public void Only_a_requested_name_counts_as_missing(string text, FailureKind? kind) => Assert.Equal(
        kind, KnownFailure.OfName(text, new AgentSpec { Executable = "/bin/agent", WorkingDirectory = "/", Agent = "nobody", Model = "gpt-9" }));
}
