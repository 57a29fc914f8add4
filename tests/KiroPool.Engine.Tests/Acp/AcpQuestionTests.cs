using System.Text.Json;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>Answers to permission requests, without an agent: trust covers only what it names, and only tools.</summary>
public sealed class AcpQuestionTests
{
    private static readonly PermissionOption AllowOnce = new("yes", null, "allow_once", "Yes", null);
    private static readonly PermissionOption RejectOnce = new("no", null, "reject_once", "No", null);

    [Fact]
    public void A_trusted_tool_is_not_allowed_after_a_cancel()
    {
        AcpTurn turn = Turn(new PermissionPolicy { TrustAllTools = true });
        Assert.Equal(PermissionOutcome.Selected("yes"), Answer(turn, Tool("1")));

        turn.BeginCancel();

        Assert.Equal(PermissionOutcome.Cancelled, Answer(turn, Tool("2")));
    }

    [Fact]
    public void Trust_answers_no_question_to_the_user()
    {
        AcpTurn turn = Turn(new PermissionPolicy { TrustAllTools = true });

        PermissionQuestion byName = Tool("1") with { ToolCall = new ToolCallMessage { ToolCallId = "1", Name = "user_input" } };
        PermissionQuestion withoutRefusal = Tool("2") with { Options = [AllowOnce] };

        Assert.Equal(PermissionOutcome.Cancelled, Answer(turn, byName));
        Assert.Equal(PermissionOutcome.Cancelled, Answer(turn, withoutRefusal));
    }

    [Fact]
    public async Task An_always_to_a_question_allows_no_tool_later()
    {
        AcpTurn turn = Turn(new PermissionPolicy
        {
            Handler = (request, _) =>
            {
                request.Answer = "Yes";
                return Task.FromResult(PermissionDecision.AllowAlways);
            },
        });
        Assert.Null(Ask(turn, Tool("1") with { Options = [AllowOnce] }, out AcpQuestion? open));
        Assert.Equal(PermissionOutcome.Selected("yes"), await open!.AskAsync(TimeProvider.System, CancellationToken.None));

        Assert.Null(Ask(turn, Tool("2"), out _));
    }

    [Theory]
    [InlineData("""[{"path":"/a","toolCallId":"1"}]""", "yes")]
    [InlineData("""[{"path":"/a","toolCallId":"1"},{"path":"/b","toolCallId":"9"}]""", "no")]
    [InlineData("""[{"path":"/a","toolCallId":"1"},{"path":"/b"}]""", "no")]
    public void A_review_with_a_file_of_an_unknown_tool_is_not_covered_by_trust(string files, string option)
    {
        AcpTurn turn = Turn(new PermissionPolicy { TrustTools = ["mine"] });
        turn.Apply(new ToolCallMessage { ToolCallId = "1", Name = "mine", Kind = "edit" });

        Assert.Equal(PermissionOutcome.Selected(option), Answer(turn, Review(files)));
    }

    [Fact]
    public void A_review_without_any_known_change_needs_trust_of_edits()
    {
        Assert.Equal(PermissionOutcome.Selected("no"), Answer(Turn(new PermissionPolicy { TrustTools = ["mine"] }), Review("[]")));
        Assert.Equal(PermissionOutcome.Selected("yes"), Answer(Turn(new PermissionPolicy { TrustTools = ["write"] }), Review("[]")));
    }

    [Fact]
    public void A_rejected_change_needs_no_trust_in_the_review_of_the_others()
    {
        AcpTurn turn = Turn(new PermissionPolicy { TrustTools = ["mine"] });
        turn.Apply(new ToolCallMessage { ToolCallId = "1", Name = "mine", Kind = "edit" });
        Assert.Equal(PermissionOutcome.Selected("no"), Answer(turn, Tool("2", "delete")));

        Assert.Equal(PermissionOutcome.Selected("yes"), Answer(turn, Review("""[{"path":"/a","toolCallId":"1"}]""")));
    }

    private static AcpTurn Turn(PermissionPolicy policy) => new(null, new PermissionDesk(policy, new Grants()), TimeProvider.System);

    private static PermissionQuestion Tool(string id, string kind = "execute") =>
        new() { SessionId = "s", ToolCall = new ToolCallMessage { ToolCallId = id, Kind = kind }, Options = [AllowOnce, RejectOnce] };

    private static PermissionQuestion Review(string files) =>
        new()
        {
            SessionId = "s",
            ToolCall = new ToolCallMessage { ToolCallId = "turn_approval_1" },
            Options = [AllowOnce, RejectOnce],
            Meta = JsonSerializer.Deserialize<JsonElement>($$$"""{"kiro":{"files":{{{files}}}}}"""),
        };

    private static PermissionOutcome? Answer(AcpTurn turn, PermissionQuestion question) => Ask(turn, question, out _);

    private static PermissionOutcome? Ask(AcpTurn turn, PermissionQuestion question, out AcpQuestion? open) =>
        AcpQuestion.AnswerNow(turn, question, StandardDialect.Instance, out open);
}
