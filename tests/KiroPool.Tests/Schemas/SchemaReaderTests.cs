using System.Management.Automation;
using System.Text.Json.Nodes;
using KiroPool.Schemas;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Schemas;

/// <summary>The accepted forms of -Schema, and the JSON Schema of each.</summary>
public sealed class SchemaReaderTests : IDisposable
{
    private readonly ModuleRunspace _shell = new(import: false);

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("[string]", """{"type":"string"}""")]
    [InlineData("[int]", """{"type":"integer"}""")]
    [InlineData("[double]", """{"type":"number"}""")]
    [InlineData("[bool]", """{"type":"boolean"}""")]
    [InlineData("[switch]", """{"type":"boolean"}""")]
    [InlineData("[datetime]", """{"type":"string","format":"date-time"}""")]
    [InlineData("[guid]", """{"type":"string","format":"uuid"}""")]
    [InlineData("[object]", "{}")]
    [InlineData("[hashtable]", """{"type":"object"}""")]
    [InlineData("[pscustomobject]", """{"type":"object"}""")]
    [InlineData("[string[]]", """{"type":"array","items":{"type":"string"}}""")]
    [InlineData("[System.Collections.Generic.List[int]]", """{"type":"array","items":{"type":"integer"}}""")]
    [InlineData("[System.Collections.Generic.Dictionary[string,int]]", """{"type":"object","additionalProperties":{"type":"integer"}}""")]
    [InlineData("[Nullable[int]]", """{"type":["integer","null"]}""")]
    [InlineData("[System.StringSplitOptions]", """{"enum":["None","RemoveEmptyEntries","TrimEntries"]}""")]
    public void A_type_allows_any_of_its_values(string words, string json) => Reads(words, json);

    [Theory]
    [InlineData("'low', 'high', 'fatal'", """{"enum":["low","high","fatal"]}""")]
    [InlineData("1, 2, 3", """{"enum":[1,2,3]}""")]
    [InlineData("$true, $false, $null", """{"enum":[true,false,null]}""")]
    [InlineData("@('only')", """{"enum":["only"]}""")]
    [InlineData("[int], $null", """{"type":["integer","null"]}""")]
    [InlineData("[int], 'unknown'", """{"anyOf":[{"type":"integer"},{"enum":["unknown"]}]}""")]
    [InlineData("[int], [string]", """{"anyOf":[{"type":"integer"},{"type":"string"}]}""")]
    public void Literals_are_a_choice(string words, string json) => Reads(words, json);

    [Theory]
    [InlineData("@([string])", """{"type":"array","items":{"type":"string"}}""")]
    [InlineData("@(, ('a', 'b'))", """{"type":"array","items":{"enum":["a","b"]}}""")]
    [InlineData("@(@{ name = [string] })", """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}""")]
    public void A_single_type_in_an_array_is_a_list(string words, string json) => Reads(words, json);

    [Fact]
    public void A_table_has_properties_some_optional_some_nested_some_described() => Reads(
        "[ordered]@{ severity = @{ type = 'low', 'high'; description = 'How bad' }; 'line?' = [int]; where = @{ file = [string] }; count = @{ type = [int]; minimum = 1 } }",
        """
        {"type":"object","properties":{"severity":{"enum":["low","high"],"description":"How bad"},"line":{"type":["integer","null"]},
        "where":{"type":"object","properties":{"file":{"type":"string"}},"required":["file"],"additionalProperties":false},"count":{"type":"integer","minimum":1}},
        "required":["severity","where","count"],"additionalProperties":false}
        """);

    [Fact]
    public void A_plain_table_always_gives_the_same_schema() =>
        Assert.Equal(["a", "b", "m", "z"], Read("@{ z = [int]; a = [int]; m = [int]; b = [int] }").Root["properties"]!.AsObject().Select(p => p.Key));

    [Theory]
    [InlineData("@{ type = [string]; name = [string] }", "name,type")]
    [InlineData("@{ type = 'bug', 'feature' }", "type")]
    [InlineData("@{ type = [string]; description = [string] }", "description,type")]
    public void A_table_may_have_a_property_named_type(string words, string names) =>
        Assert.Equal(names, string.Join(',', Read(words).Root["properties"]!.AsObject().Select(p => p.Key)));

    [Theory]
    [InlineData("""'{ "type": "object", "properties": { "a": { "type": "integer" } } }'""")]
    [InlineData("@{ type = 'object'; properties = @{ a = @{ type = 'integer' } } }")]
    [InlineData("@{ '$schema' = 'https://json-schema.org/draft/2020-12/schema'; type = 'object'; properties = @{ a = @{ type = 'integer' } } }")]
    [InlineData("""('{ "type": "object", "properties": { "a": { "type": "integer" } } }' | ConvertFrom-Json)""")]
    [InlineData("""('{ "type": "object", "properties": { "a": { "type": "integer" } } }' | ConvertFrom-Json -AsHashtable)""")]
    public void Json_schema_is_used_unchanged(string words)
    {
        AnswerSchema schema = Read(words);

        Assert.Equal("integer", schema.Root["properties"]!["a"]!["type"]!.ToString());
        Assert.False(schema.Root.ContainsKey("additionalProperties"));
    }

    [Fact]
    public void A_file_can_contain_json_schema()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{ "type": "array", "items": { "type": "integer" } }""");

            Assert.Equal("array", Read($"'{path}'").Root["type"]!.ToString());
            Assert.Equal("array", Read($"(Get-Item '{path}')").Root["type"]!.ToString());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_PowerShell_class_is_a_table_of_its_properties()
    {
        const string finding = """
            enum Severity { low; high }
            class Place { [string] $File; [Nullable[int]] $Line }
            class Finding {
                [Severity] $Severity
                [ValidateSet('net', 'disk')] [string] $Area
                [ValidateRange(1, 5)] [int] $Weight
                [Place[]] $Places
                hidden [string] $Note
                static [string] $Shared
            }
            [Finding]
            """;

        Reads(finding, """
            {"type":"object","properties":{"Severity":{"enum":["low","high"]},"Area":{"enum":["net","disk"]},"Weight":{"type":"integer","minimum":1,"maximum":5},
            "Places":{"type":"array","items":{"type":"object","properties":{"File":{"type":"string"},"Line":{"type":["integer","null"]}},"required":["File"],"additionalProperties":false}}},
            "required":["Severity","Area","Weight","Places"],"additionalProperties":false}
            """);
    }

    [Fact]
    public void A_class_that_contains_itself_becomes_a_reference()
    {
        AnswerSchema schema = Read("class Node { [string] $Name; [Node[]] $Children }; [Node]");

        Assert.Equal("#/$defs/Node", schema.Root["$ref"]!.ToString());
        Assert.Empty(AnswerReading.Read(schema, """{"Name":"a","Children":[{"Name":"b","Children":[]}]}""").Faults);
        Assert.Equal("/Children/0/Name", Assert.Single(AnswerReading.Read(schema, """{"Name":"a","Children":[{"Name":1,"Children":[]}]}""").Faults).Path);
    }

    [Theory]
    [InlineData("$null", "$null")]
    [InlineData("@{}", "without properties")]
    [InlineData("@{ a = @{} }", "at /a")]
    [InlineData("@{ a = @() }", "empty list at /a")]
    [InlineData("@{ a = 'string' }", "write [string]")]
    [InlineData("@{ a = $null }", "$null at /a")]
    [InlineData("@{ a = [scriptblock] }", "ScriptBlock")]
    [InlineData("@{ type = 'object'; properties = @{ a = [string] } }", "[String]")]
    [InlineData("42", "Int32")]
    [InlineData("(Get-Date)", "DateTime")]
    [InlineData("'{ \"type\": '", "not JSON")]
    [InlineData("'{ \"severity\": \"low\" }'", "no keyword of JSON Schema")]
    [InlineData("'{ \"type\": \"objekt\" }'", "objekt")]
    [InlineData("'{ \"required\": 7 }'", "cannot read the JSON Schema")]
    [InlineData("'{ \"pattern\": \"(\" }'", "pattern '(' of the schema")]
    [InlineData("'{ \"patternProperties\": { \"[\": { \"type\": \"integer\" } } }'", "pattern '[' of the schema")]
    [InlineData("'{ \"$schema\": \"http://json-schema.org/draft-04/schema#\", \"type\": \"object\" }'", "cannot read the JSON Schema")]
    [InlineData("'{ \"properties\": { \"a\": { \"$ref\": \"#/$defs/none\" } } }'", "#/$defs/none")]
    [InlineData("'{ \"properties\": { \"a\": { \"$ref\": \"https://example.org/a.json\" } } }'", "not followed")]
    [InlineData("'./no-such-file.json'", "./no-such-file.json")]
    [InlineData("'severity'", "severity")]
    public void An_invalid_schema_is_refused_with_the_reason(string words, string reason) =>
        Assert.Contains(reason, Assert.Throws<SchemaException>(() => Read(words)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_table_that_contains_itself_is_refused() =>
        Assert.Contains("levels", Assert.Throws<SchemaException>(() => Read("$t = @{}; $t.a = $t; , $t")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_schema_with_an_id_can_be_read_many_times()
    {
        const string named = """'{ "$id": "https://example.org/finding", "type": "object", "properties": { "a": { "type": "integer" } } }'""";

        Assert.NotEmpty(AnswerReading.Read(Read(named), """{"a":"x"}""").Faults);
        Assert.Empty(AnswerReading.Read(Read(named), """{"a":1}""").Faults);
    }

    [Fact]
    public void A_script_block_is_no_part_of_a_schema()
    {
        SchemaException error = Assert.Throws<SchemaException>(() => Read("@{ a = { 1 } }"));

        Assert.Contains("ScriptBlock is not part of a schema at /a", error.Message, StringComparison.Ordinal);
    }

    private void Reads(string words, string json)
    {
        JsonNode expected = JsonNode.Parse(json)!;
        AnswerSchema schema = Read(words);
        Assert.True(JsonNode.DeepEquals(expected, schema.Root), $"expected {expected.ToJsonString()}\nbut was  {schema.Json}");
    }

    private AnswerSchema Read(string words)
    {
        // A list of one must arrive as a list, and a class needs statements.
        string script = words.Contains(';') || words.Contains('\n') ? $"$holder = @{{ Schema = & {{ {words} }} }}; $holder" : $"@{{ Schema = {words} }}";
        object? given = _shell.Run(script).WithoutError().Value<System.Collections.Hashtable>()["Schema"];
        return SchemaReader.Read(given, new SessionStateOf(_shell).Value);
    }

    /// <summary>The session state of a runspace, which only code in that runspace can get.</summary>
    private sealed class SessionStateOf(ModuleRunspace shell)
    {
        public SessionState Value { get; } = shell.Run("$ExecutionContext.SessionState").WithoutError().Value<SessionState>();
    }
}
