using System.Text;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Tests.Kiro;

/// <summary>The kind of an agent's error: typed data and codes first, then phrases at their usual places.</summary>
public sealed class AgentErrorTests
{
    [Theory]
    [InlineData("TokenExpiredError", "CLIENT_ERROR", "The token has expired.", FailureKind.SignInRequired)]
    [InlineData("TokenInvalidError", "CLIENT_ERROR", "Bad token.", FailureKind.SignInRequired)]
    [InlineData("AuthRefreshFailedError", "CLIENT_ERROR", "No luck.", FailureKind.SignInRequired)]
    [InlineData("AccessDeniedError", "CLIENT_ERROR", "Access denied.", FailureKind.SignInRequired)]
    [InlineData("ExpiredTokenException", "CLIENT_ERROR", "No luck.", FailureKind.SignInRequired)]
    [InlineData("UnauthorizedError", "CLIENT_ERROR", "No luck.", FailureKind.SignInRequired)]
    [InlineData("TokenLimitExceededError", "CLIENT_ERROR", "The answer is too long.", FailureKind.AgentError)]
    [InlineData("MaxTokensError", "CLIENT_ERROR", "The answer is too long.", FailureKind.AgentError)]
    [InlineData("ServiceQuotaExceededError", "CLIENT_ERROR", "No more.", FailureKind.QuotaExceeded)]
    [InlineData("InsufficientModelCapacityError", "SERVER_ERROR", "Busy.", FailureKind.RateLimited)]
    [InlineData("SessionNotFoundError", "CLIENT_ERROR", "Session 'x' not found", FailureKind.SessionLost)]
    [InlineData("InvalidModelError", "CLIENT_ERROR", "The model 'gpt-9' is not available. Try another one.", FailureKind.ModelNotFound)]
    [InlineData("SomethingError", "THROTTLING", "Slow down.", FailureKind.RateLimited)]
    [InlineData("ThrottlingError", "CLIENT_ERROR", "Slow down.", FailureKind.RateLimited)]
    [InlineData("UsageLimitReachedError", "CLIENT_ERROR", "No more.", FailureKind.QuotaExceeded)]
    [InlineData("SomethingError", "CLIENT_ERROR", "You've reached your monthly usage limit. Upgrade.", FailureKind.QuotaExceeded)]
    [InlineData("SomethingError", "THROTTLING", "You've reached your monthly usage limit. Upgrade.", FailureKind.QuotaExceeded)]
    [InlineData("SomethingError", "CLIENT_ERROR", "Too many requests, please wait before trying again. (Request ID 1)", FailureKind.RateLimited)]
    [InlineData("ContextWindowExceededError", "CLIENT_ERROR", "Too long.", FailureKind.AgentError)]
    [InlineData("BedrockValidationError", "CLIENT_ERROR", "Improperly formed request. (Request ID: 3)", FailureKind.AgentError)]
    [InlineData("NewError", "SERVER_ERROR", "It broke.", FailureKind.AgentError)]
    [InlineData("NewError", "TRANSIENT", "It broke.", FailureKind.AgentError)]
    public void The_types_of_a_V3_error_decide_before_its_text(string type, string retryType, string message, FailureKind kind)
    {
        AgentException failure = Read($$"""{"code":-32000,"message":"{{message}}","data":{"errorType":"{{type}}","retryErrorType":"{{retryType}}","requestId":"1"} }""", KiroV3Dialect.Instance);

        Assert.Equal((kind, $"The agent failed to answer: {message}{(message.EndsWith('.') ? "" : ".")}"), (failure.Kind, failure.Message));
    }

    [Fact]
    public void A_model_that_is_not_available_is_the_value()
    {
        Assert.Equal("gpt-9", Read("""{"code":-32000,"message":"The model 'gpt-9' is not available.","data":{"errorType":"InvalidModelError"}}""", KiroV3Dialect.Instance).Value);
        Assert.Equal("asked", Read("""{"code":-32000,"message":"No.","data":{"errorType":"InvalidModelError"}}""", KiroV3Dialect.Instance).Value);
    }

    [Theory]
    [InlineData("""{"code":-32000,"message":"Authentication required"}""", FailureKind.SignInRequired)]
    [InlineData("""{"code":-32000,"message":"Something else"}""", FailureKind.SignInRequired)]
    [InlineData("""{"code":-32000,"message":"Something else","data":{"errorType":"NewError"}}""", FailureKind.AgentError)]
    [InlineData("""{"code":-32000,"message":"Something else","data":{"retryErrorType":"SERVER_ERROR"}}""", FailureKind.AgentError)]
    [InlineData("""{"code":429,"message":"Slow down"}""", FailureKind.RateLimited)]
    [InlineData("""{"code":529,"message":"Overloaded"}""", FailureKind.RateLimited)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":{"details":"Nope","status":429}}""", FailureKind.RateLimited)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":{"message":"Nope","$metadata":{"httpStatusCode":529}}}""", FailureKind.RateLimited)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":{"message":"You exceeded your current quota","status":429}}""", FailureKind.QuotaExceeded)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":"Too many requests"}""", FailureKind.RateLimited)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":"Monthly request limit reached"}""", FailureKind.QuotaExceeded)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":"You are not logged in"}""", FailureKind.SignInRequired)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":"Session is active in another process (PID 7)"}""", FailureKind.SessionLocked)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":"Internal error: Too many requests"}""", FailureKind.RateLimited)]
    [InlineData("""{"code":-32603,"message":"Internal error","data":"Something went wrong: [ThrottlingError] Too many requests"}""", FailureKind.RateLimited)]
    public void Codes_and_whole_phrases_classify_the_errors_of_all_agents(string error, FailureKind kind)
    {
        Assert.Equal(kind, Read(error, StandardDialect.Instance).Kind);
        Assert.Equal(kind, Read(error, KiroV2Dialect.Instance).Kind);
        Assert.Equal(kind, Read(error, KiroV3Dialect.Instance).Kind);
    }

    [Theory]
    [InlineData("Cannot read src/throttle.ts: no such file")]
    [InlineData("throttle.ts(4,2): error TS2304: Cannot find name 'rate limit'")]
    [InlineData("throttling.ts does not compile")]
    [InlineData("Disk quota exceeded")]
    [InlineData("write /tmp/x: Disk quota exceeded")]
    [InlineData("The test 'too many requests' failed")]
    [InlineData("The database is active in another process")]
    [InlineData("The page says that you are not logged in")]
    [InlineData("See unauthorized.md")]
    [InlineData("unauthorized.md is missing")]
    [InlineData("Please log into the file")]
    [InlineData("quota.yaml could not be read")]
    public void The_same_words_elsewhere_in_a_text_classify_nothing(string text)
    {
        Assert.Equal(FailureKind.AgentError, Read($$"""{"code":-32603,"message":"Internal error","data":"{{text}}"}""", KiroV2Dialect.Instance).Kind);
        Assert.Null(KnownFailure.OfAccount(text));
    }

    [Fact]
    public void A_message_is_the_sentence_and_not_the_json_behind_it()
    {
        Assert.Equal("Broken", JsonRpcException.Parse("""{"code":-32000,"message":"Broken","data":{"errorType":"X"}}"""u8).Message);
        Assert.Equal("It broke badly", JsonRpcException.Parse("""{"code":-32000,"message":"It broke badly","data":{"errorType":"X","requestId":"1"}}"""u8).Message);
        Assert.Contains("cwd", JsonRpcException.Parse("""{"code":-32602,"message":"Invalid params","data":{"cwd":{"_errors":["Required"]}}}"""u8).Message, StringComparison.Ordinal);
    }

    private static AgentException Read(string error, AgentDialect dialect) =>
        AgentError.ToFailure(JsonRpcException.Parse(Encoding.UTF8.GetBytes(error)), "to answer", dialect, model: "asked");
}
