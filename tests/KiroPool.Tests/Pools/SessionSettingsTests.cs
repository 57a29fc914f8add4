using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>MCP servers, options and other values of sessions, as parameters.</summary>
public sealed class SessionSettingsTests
{
    [Fact]
    public void Servers_come_from_hashtables_and_secure_strings()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run("""
            $secret = ConvertTo-SecureString 'secret-token' -AsPlainText -Force
            $null = Start-KiroPool @Agent -McpServer @{ name = 'docs'; url = 'https://docs.example/mcp'; headers = @{ Authorization = $secret } }, @{ name = 'bare'; type = 'http'; url = 'https://bare.example/mcp' }
            """).WithoutError();

        string sent = Assert.Single(agent.Events.Where(e => e.Event == "mcp").Select(e => e.Text!).Distinct());
        Assert.Equal(
            """[{"type":"http","name":"docs","url":"https://docs.example/mcp","headers":[{"name":"Authorization","value":"secret-token"}]},{"type":"http","name":"bare","url":"https://bare.example/mcp","headers":[]}]""",
            sent);
        string shown = string.Concat(module.Run("Get-KiroPool | Format-List * | Out-String; Get-KiroPoolStats | ConvertTo-Json -Depth 5; Get-KiroPoolStats | Format-List * | Out-String").WithoutError().Output.Select(o => $"{o}"));
        Assert.DoesNotContain("secret-token", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Servers_come_from_a_file_whose_variables_are_the_environments()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        FileInfo file = agent.File(".mcp.json", """
            {
              "mcpServers": {
                "docs": { "type": "http", "url": "https://docs.example/mcp", "headers": { "Authorization": "Bearer ${KIROPOOL_TEST_TOKEN}", "Accept": "${KIROPOOL_TEST_NONE:-all}" } },
                "off": { "url": "https://off.example", "disabled": true }
              }
            }
            """);

        module.Set("File", file.FullName).Run("""
            $env:KIROPOOL_TEST_TOKEN = 'secret-token'
            $null = Start-KiroPool @Agent -McpServer $File
            """).WithoutError();

        Assert.Equal(
            """[{"type":"http","name":"docs","url":"https://docs.example/mcp","headers":[{"name":"Authorization","value":"Bearer secret-token"},{"name":"Accept","value":"all"}]}]""",
            agent.Events.First(e => e.Event == "mcp").Text);
    }

    [Theory]
    [InlineData("@{ url = 'https://docs.example' }", "has no name")]
    [InlineData("@{ name = 'docs' }", "has neither a command nor a url")]
    [InlineData("@{ name = 'docs'; url = 'docs' }", "has no address that begins with http:// or https://")]
    [InlineData("@{ name = 'docs'; url = 'https://docs.example'; type = 'smoke' }", "has the type 'smoke'")]
    [InlineData("@{ name = 'docs'; url = 'https://docs.example'; header = @{} }", "has the entry 'header', which is unknown")]
    [InlineData("@{ name = 'docs'; command = 'no-such-program-here' }", "was not found on PATH")]
    [InlineData("@{ name = 'a'; url = 'https://a.example' }, @{ name = 'A'; url = 'https://b.example' }", "is given twice")]
    [InlineData("'./no-such-file.json'", "cannot be read")]
    [InlineData("42", "is a hashtable, or the path of a file .mcp.json")]
    public void A_server_that_cannot_be_described_is_an_error(string server, string said)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run($"Start-KiroPool @Agent -McpServer {server}");

        Assert.StartsWith("McpServerInvalid", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(said, ran.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, agent.Count("start"));
    }

    [Fact]
    public void Kiro_would_ignore_a_server_that_is_a_process_so_that_is_said()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent -McpServer @{ name = 'git'; command = $Agent.FilePath; args = 'serve' }");

        Assert.StartsWith("NotSupported", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("ignores the MCP server 'git'", ran.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_set_and_are_part_of_the_key()
    {
        using var agent = new SimulatedAgent(new { engine = "v3" });
        using var module = new ModuleRunspace(agent);
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method", "cli" };

        module.Run("$null = Start-KiroPool @Agent -MaxSize 2 -ConfigOption @{ memoryReflection = $false }").WithoutError();
        PromptResult first = module.Run("Invoke-KiroPrompt one").WithoutError().Value<PromptResult>();
        Ran other = module.Run("New-KiroSession other -ConfigOption @{ memoryReflection = $true } | ForEach-Object { Invoke-KiroPrompt two -Session $_ }");

        Assert.Contains("memoryReflection=off", agent.Events.Where(e => e.Event == "set_option").Select(e => e.Text));
        Assert.NotEqual(first.ProcessId, other.WithoutError().Value<PromptResult>().ProcessId);
    }

    [Fact]
    public void Options_of_a_prompt_are_part_of_the_key()
    {
        using var agent = new SimulatedAgent(new { engine = "v3" });
        using var module = new ModuleRunspace(agent);
        agent.Parameters["ArgumentList"] = new[] { "acp", "--auth-method", "cli" };

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent -MaxSize 2
            Invoke-KiroPrompt one
            Invoke-KiroPrompt two -ConfigOption @{ memoryReflection = $false }
            Invoke-KiroPrompt three -ConfigOption @{ memoryReflection = $false }
            Invoke-KiroPrompt four
            """).WithoutError();

        int?[] processes = [.. ran.Results.Select(result => result.ProcessId)];
        Assert.Equal((processes[0], processes[1]), (processes[3], processes[2]));
        Assert.NotEqual(processes[0], processes[1]);
        Assert.Contains("memoryReflection=off", agent.Events.Where(e => e.Event == "set_option").Select(e => e.Text));
    }

    [Fact]
    public void Servers_of_a_prompt_reach_its_agent_alone()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent -MaxSize 2
            Invoke-KiroPrompt one
            Invoke-KiroPrompt two -McpServer @{ name = 'docs'; url = 'https://docs.example/mcp' }
            """).WithoutError();

        Assert.NotEqual(ran.Results[0].ProcessId, ran.Results[1].ProcessId);
        Assert.Equal("docs.example", new Uri(System.Text.Json.JsonDocument.Parse(Assert.Single(agent.Events.Where(e => e.Event == "mcp").Select(e => e.Text!).Distinct())).RootElement[0].GetProperty("url").GetString()!).Host);
    }

    [Theory]
    [InlineData("-ConfigOption @{ effort = 'high' }", "-ConfigOption cannot change a session")]
    [InlineData("-McpServer @{ name = 'docs'; url = 'https://docs.example' }", "-McpServer cannot change a session")]
    public void A_prompt_of_a_session_cannot_change_its_settings(string parameter, string said)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt one -Session s {parameter}");

        Assert.StartsWith("NotSupported", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(said, ran.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(agent.Prompts);
    }

    [Fact]
    public void A_running_pool_with_other_values_is_named_without_them()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent").WithoutError();

        Ran ran = module.Run("Start-KiroPool @Agent -McpServer @{ name = 'docs'; url = 'https://docs.example/secret' } -SessionMeta @{ a = 1 }");

        Assert.Contains("-McpServer differs; -SessionMeta differs", ran.Error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("docs.example", ran.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-AdditionalDirectory .", "does not take additional directories")]
    [InlineData("-SystemPrompt 'Be brief.'", "does not take a system prompt")]
    public void A_value_that_the_agent_lacks_is_not_supported(string parameter, string said)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run($"Start-KiroPool @Agent {parameter}");

        Assert.StartsWith("NotSupported", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(said, ran.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_reaches_the_agent_as_JSON()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run("$null = Start-KiroPool @Agent -SessionMeta @{ vendor = @{ team = 'ops'; size = 3 } }; $null = Invoke-KiroPrompt one -PromptMeta @{ vendor = @{ urgent = $true } }").WithoutError();

        Assert.Contains("""{"vendor":{"size":3,"team":"ops"}}""", agent.Events.Where(e => e.Event == "session-meta").Select(e => e.Text));
        Assert.Equal("""{"vendor":{"urgent":true}}""", Assert.Single(agent.Events, e => e.Event == "prompt-meta").Text);
    }
}
