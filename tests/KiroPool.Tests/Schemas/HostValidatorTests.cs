using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using KiroPool.Schemas;

namespace KiroPool.Tests.Schemas;

/// <summary>
/// The JSON Schema library differs between the versions of PowerShell: 5 in PowerShell 7.4, 7 in 7.5 and 7.6. The same
/// schemas and values give the same verdicts and paths with each of them.
/// </summary>
public sealed class HostValidatorTests
{
    private const string OfThisHost = "this host";

    private static readonly Dictionary<string, HostValidator> Bound = [];

    public static TheoryData<string, string, string, string> Cases
    {
        get
        {
            (string Schema, string Value, string Paths)[] cases =
            [
                ("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""", """{"a":1}""", "none"),
                ("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""", """{"a":"x","b":1}""", "/a,/b"),
                ("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""", "{}", ""),
                ("""{"type":"array","items":{"properties":{"a":{"items":{"properties":{"b":{"items":{"type":"integer"}}}}}}}}""", """[{},{"a":[{"b":[1,2,"x"]}]}]""", "/1/a/0/b/2"),
                ("""{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"}]},"b":{"type":"integer"}}}""", """{"a":1,"b":"x"}""", "/b"),
                ("""{"properties":{"a":{"enum":["low","high"]}}}""", """{"a":"fatal"}""", "/a"),
                ("""{"properties":{"a":{"$ref":"#/$defs/p"}},"$defs":{"p":{"type":"string","minLength":2}}}""", """{"a":"x"}""", "/a"),
                ("""{"if":{"required":["a"]},"then":{"required":["b"]},"properties":{"c":{"type":"integer"}}}""", """{"c":"x"}""", "/c"),
                ("""{"properties":{"a/b":{"type":"integer"}}}""", """{"a/b":"x"}""", "/a~1b"),
            ];
            var rows = new TheoryData<string, string, string, string>();
            foreach (string version in new[] { OfThisHost, "5.4.0", "8.0.5" })
            {
                foreach ((string schema, string value, string paths) in cases)
                    rows.Add(version, schema, value, paths);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_version_of_the_library_finds_the_same_paths(string version, string schema, string value, string paths)
    {
        IReadOnlyList<AnswerFault> faults = Check(version, schema, value);

        Assert.Equal(paths, faults.Count == 0 ? "none" : string.Join(',', faults.Select(fault => fault.Path).Distinct().Order()));
        Assert.All(faults, fault => Assert.NotEmpty(fault.Message));
    }

    [Theory]
    [InlineData("5.4.0")]
    [InlineData("8.0.5")]
    [InlineData(OfThisHost)]
    public void Every_version_reports_an_unexpected_property_in_the_same_words(string version) =>
        Assert.Equal("/b: This property is not in the schema", Assert.Single(Check(version, """{"properties":{"a":{}},"additionalProperties":false}""", """{"b":1}""")).ToString());

    [Theory]
    [InlineData("5.4.0", """{"type":"objekt"}""")]
    [InlineData("8.0.5", """{"type":"objekt"}""")]
    [InlineData("5.4.0", """{"required":7}""")]
    [InlineData("8.0.5", """{"required":7}""")]
    public void Every_version_refuses_an_invalid_schema(string version, string schema) =>
        Assert.Throws<SchemaException>(() => BoundTo(version).Read(schema));

    [Theory]
    [InlineData("5.4.0")]
    [InlineData("8.0.5")]
    [InlineData(OfThisHost)]
    public async Task One_schema_checks_answers_of_several_threads(string version)
    {
        HostValidator.Schema schema = BoundTo(version).Read("""{"type":"array","items":{"type":"integer"}}""");

        int[] counts = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => Check(schema, $"[1,\"x\",{i}]").Count)));

        Assert.All(counts, count => Assert.Equal(1, count));
    }

    private static IReadOnlyList<AnswerFault> Check(string version, string schema, string value) => Check(BoundTo(version).Read(schema), value);

    private static IReadOnlyList<AnswerFault> Check(HostValidator.Schema schema, string value)
    {
        using JsonDocument document = JsonDocument.Parse(value);
        return schema.Check(document.RootElement);
    }

    private static HostValidator BoundTo(string version)
    {
        lock (Bound)
        {
            if (!Bound.TryGetValue(version, out HostValidator? bound))
                Bound[version] = bound = HostValidator.Bind(version == OfThisHost ? Assembly.Load(new AssemblyName("JsonSchema.Net")) : Load(version));
            return bound;
        }
    }

    private static Assembly Load(string version)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "validators", version);
        var apart = new AssemblyLoadContext(version);
        apart.Resolving += (context, name) => File.Exists(Path.Combine(folder, $"{name.Name}.dll")) ? context.LoadFromAssemblyPath(Path.Combine(folder, $"{name.Name}.dll")) : null;

        // The copies of this host come first otherwise.
        foreach (string name in new[] { "Json.More", "JsonPointer.Net" })
            apart.LoadFromAssemblyPath(Path.Combine(folder, $"{name}.dll"));
        return apart.LoadFromAssemblyPath(Path.Combine(folder, "JsonSchema.Net.dll"));
    }
}
