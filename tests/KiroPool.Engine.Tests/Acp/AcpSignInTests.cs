using System.Collections.Immutable;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>Agents that make no session before <c>authenticate</c> was called.</summary>
public sealed class AcpSignInTests : IDisposable
{
    private const string Browser = """{"id":"browser","name":"Log in with a browser"}""";
    private const string Key = """{"id":"key","name":"API key","type":"env_var","vars":[{"name":"AGENT_KEY"},{"name":"AGENT_ORG","optional":true}]}""";
    private const string Terminal = """{"id":"shell","name":"In a terminal","type":"terminal","args":["login","--now"]}""";

    // Writes down what it is told to authenticate with, and is content with that where $ACCEPTS says so.
    private const string Script = """
        while read -r line; do
            id=${line#*'"id":'}; id=${id%%[!0-9]*}
            case $line in
                *'"initialize"'*) echo '{"jsonrpc":"2.0","id":'$id',"result":{"protocolVersion":1,"authMethods":['"$METHODS"']}}' ;;
                *'"authenticate"'*)
                    echo "$line" >> "$CALLS"
                    case $line in
                        *"\"methodId\":\"$ACCEPTS\""*) signed=1; echo '{"jsonrpc":"2.0","id":'$id',"result":null}' ;;
                        *) echo '{"jsonrpc":"2.0","id":'$id',"error":{"code":-32603,"message":"No such luck"}}' ;;
                    esac ;;
                *'"session/new"'*)
                    if [ "$signed" ]; then echo '{"jsonrpc":"2.0","id":'$id',"result":{"sessionId":"s'$id'"}}'
                    else echo '{"jsonrpc":"2.0","id":'$id',"error":{"code":-32000,"message":"Authentication required"}}'; fi ;;
                *'"session/prompt"'*) echo '{"jsonrpc":"2.0","id":'$id',"result":{"stopReason":"end_turn"}}' ;;
            esac
        done
        """;

    private readonly TempFolder _temp = new();

    public AcpSignInTests() => ShellAgent.Require();

    private string[] Calls => File.Exists(Path.Combine(_temp.FullName, "calls")) ? File.ReadAllLines(Path.Combine(_temp.FullName, "calls")) : [];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(Browser, "browser")]
    [InlineData(Browser + "," + Key, "key")]
    [InlineData(Terminal + "," + Key, "key")]
    [InlineData(Key, "key")]
    public async Task The_only_method_or_the_one_whose_variable_is_set_is_called_and_the_session_is_made_then(string methods, string chosen)
    {
        (PromptResult result, AgentException? failure) = await RunAsync(methods, accepts: chosen, ("AGENT_KEY", "secret"));

        Assert.Null(failure);
        Assert.Equal("Completed", result.Outcome);
        Assert.Contains($"\"methodId\":\"{chosen}\"", Assert.Single(Calls), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Browser + "," + Terminal, "'browser' (Log in with a browser); 'shell' (In a terminal): run 'sh login --now' in a terminal.")]
    [InlineData(Key, "'key' (API key), which needs the environment variable AGENT_KEY: set it with -Environment.")]
    [InlineData(Browser + "," + Key, "'browser' (Log in with a browser); 'key' (API key), which needs the environment variable AGENT_KEY: set it with -Environment.")]
    [InlineData(Terminal, "'shell' (In a terminal): run 'sh login --now' in a terminal.")]
    [InlineData("", "It names no way to sign in: see its documentation.")]
    public async Task Where_a_person_is_needed_nothing_is_called_and_the_error_names_the_methods(string methods, string said)
    {
        (PromptResult result, AgentException? failure) = await RunAsync(methods, accepts: "none");

        Assert.Equal(("Failed", FailureKind.SignInRequired), (result.Outcome, failure!.Kind));
        Assert.EndsWith(said, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("kiro-cli login", failure.Message + failure.Advice, StringComparison.Ordinal);
        Assert.Empty(Calls);
    }

    [Fact]
    public async Task A_sign_in_that_is_refused_is_a_missing_sign_in_with_the_agents_word_and_never_the_key()
    {
        (_, AgentException? failure) = await RunAsync(Key, accepts: "none", ("AGENT_KEY", "s3cret"));

        Assert.Equal(FailureKind.SignInRequired, failure!.Kind);
        Assert.Contains("No such luck", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'key' (API key), whose environment variable it did not accept", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
        Assert.Single(Calls);
    }

    private async Task<(PromptResult Result, AgentException? Failure)> RunAsync(string methods, string accepts, params (string Name, string Value)[] variables)
    {
        ImmutableSortedDictionary<string, string?> environment = AgentSpec.NoEnvironment
            .Add("METHODS", methods).Add("ACCEPTS", accepts).Add("CALLS", Path.Combine(_temp.FullName, "calls"))
            .AddRange(variables.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)));
        var spec = new AgentSpec { Executable = "/bin/sh", Arguments = ["-c", Script], WorkingDirectory = _temp.FullName, Environment = environment };
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0 }, spec);
        return await pool.RunAsync(new PromptRequest { Prompt = "hello" }, TestContext.Current.CancellationToken).InTime();
    }
}
