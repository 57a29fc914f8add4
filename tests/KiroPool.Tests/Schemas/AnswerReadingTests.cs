using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using System.Text.Json.Nodes;
using KiroPool.Schemas;

namespace KiroPool.Tests.Schemas;

/// <summary>Finding the answer in a text, and its conversion.</summary>
public sealed class AnswerReadingTests
{
    private static readonly AnswerSchema Finding = SchemaTable.Read(new Hashtable
    {
        ["severity"] = new[] { "low", "high" },
        ["hosts"] = new object[] { typeof(string) },
        ["line?"] = typeof(int),
    });

    [Theory]
    [InlineData("""{"severity":"low","hosts":["a"]}""")]
    [InlineData("\n  {\"severity\":\"low\",\"hosts\":[\"a\"]}  \n")]
    [InlineData("```json\n{\"severity\":\"low\",\"hosts\":[\"a\"]}\n```")]
    [InlineData("Here you are: {\"severity\":\"low\",\"hosts\":[\"a\"]} - as asked [see above].")]
    [InlineData("In {braces}, then ```\n{\"severity\":\"low\",\"hosts\":[\"a\"]}\n``` and an end {")]
    [InlineData("First {\"severity\":\"high\",\"hosts\":[]}, no, better {\"severity\":\"low\",\"hosts\":[\"a\"]}")]
    [InlineData("{\"severity\":\"low\",\"hosts\":[\"a\"]}\n\nThe schema was {\"type\":\"object\"}")]
    [InlineData("{\"severity\":\"low\",\"hosts\":[\"a\"]}\n{\"severity\":\"high\",\"hosts\":[\"b\"")]
    public void The_last_complete_value_that_fits_counts(string text)
    {
        AnswerReading reading = AnswerReading.Read(Finding, text);

        Assert.Empty(reading.Faults);
        var value = Assert.IsType<PSObject>(reading.Value);
        Assert.Equal("low", value.Properties["severity"].Value);
        Assert.Equal(["a"], Assert.IsType<object[]>(Assert.IsType<PSObject>(value.Properties["hosts"].Value).BaseObject));
    }

    [Theory]
    [InlineData("12345678901234.56")]
    [InlineData("0.12345678901234567")]
    [InlineData("1.50")]
    public void A_decimal_keeps_all_its_digits(string number)
    {
        var schema = SchemaTable.Read(new Hashtable { ["total"] = typeof(decimal), ["none?"] = typeof(decimal?) });

        var value = Assert.IsType<PSObject>(AnswerReading.Read(schema, $$"""{"total":{{number}}}""").Value);

        Assert.Equal(decimal.Parse(number, System.Globalization.CultureInfo.InvariantCulture), value.Properties["total"].Value);
    }

    [Theory]
    [InlineData("""{"severity":"fatal","hosts":["a",1],"extra":1}""", "/severity,/hosts/1,/extra")]
    [InlineData("""{"severity":"low"}""", "")]
    [InlineData("""{"severity":"low","hosts":["a"]""", "")]
    [InlineData("I cannot say.", "")]
    [InlineData("", "")]
    [InlineData("""{"answer":{"severity":"low","hosts":["a"]}}""", "/answer,")]
    public void Faults_have_a_path(string text, string paths) =>
        Assert.Equal(paths.Split(',').Order(), AnswerReading.Read(Finding, text).Faults.Select(fault => fault.Path).Distinct().Order());

    [Fact]
    public void A_fault_contains_the_found_value() =>
        Assert.Contains("(found \"fatal\")", Assert.Single(AnswerReading.Read(Finding, """{"severity":"fatal","hosts":[]}""").Faults).Message, StringComparison.Ordinal);

    [Fact]
    public void A_fault_of_any_depth_has_its_path()
    {
        AnswerSchema schema = Json("""{"type":"array","items":{"properties":{"a":{"items":{"properties":{"b":{"items":{"type":"integer"}}}}}}}}""");

        Assert.Equal("/1/a/0/b/2", Assert.Single(AnswerReading.Read(schema, """[{},{"a":[{"b":[1,2,"x"]}]}]""").Faults).Path);
    }

    [Fact]
    public void A_matching_choice_leaves_no_faults_of_the_others()
    {
        AnswerSchema schema = Json("""{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"}]},"b":{"type":"integer"}}}""");

        Assert.Equal(["/b"], AnswerReading.Read(schema, """{"a":1,"b":"x"}""").Faults.Select(fault => fault.Path));
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("\"yes\"")]
    [InlineData("```\n\"yes\"\n```")]
    [InlineData("My answer:\n\"yes\"")]
    public void A_single_word_may_be_the_answer(string text)
    {
        AnswerReading reading = AnswerReading.Read(SchemaTable.Read(new[] { "yes", "no" }), text);

        Assert.Equal(text == "yes" ? null : "yes", reading.Value);
    }

    [Fact]
    public void Missing_optional_properties_are_null_and_the_order_is_that_of_the_schema()
    {
        var value = (PSObject)AnswerReading.Read(Finding, """{"severity":"low","hosts":[]}""").Value!;

        Assert.Equal(["hosts", "line", "severity"], value.Properties.Select(p => p.Name));
        Assert.Null(value.Properties["line"].Value);
    }

    [Fact]
    public void Values_have_the_types_of_the_schema()
    {
        AnswerSchema schema = SchemaTable.Read(new Hashtable
        {
            ["at"] = typeof(DateTime), ["day"] = typeof(DateOnly), ["id"] = typeof(Guid), ["took"] = typeof(TimeSpan), ["version"] = typeof(Version),
            ["price"] = typeof(decimal), ["n"] = typeof(int), ["flags"] = typeof(int[]), ["free"] = typeof(Hashtable), ["kind"] = typeof(DayOfWeek),
        });

        AnswerReading reading = AnswerReading.Read(schema, """
            {"at":"2026-02-03T04:05:06Z","day":"2026-02-03","id":"6f9619ff-8b86-d011-b42d-00c04fc964ff","took":"01:02:03","version":"1.2.3",
            "price":1.5,"n":7,"flags":[1,2],"free":{"x":1},"kind":"Monday"}
            """);

        Assert.Empty(reading.Faults);
        var value = (PSObject)reading.Value!;
        Assert.Equal(new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc), ((DateTime)value.Properties["at"].Value).ToUniversalTime());
        Assert.Equal(new DateOnly(2026, 2, 3), value.Properties["day"].Value);
        Assert.IsType<Guid>(value.Properties["id"].Value);
        Assert.Equal(new TimeSpan(1, 2, 3), value.Properties["took"].Value);
        Assert.Equal(new Version(1, 2, 3), value.Properties["version"].Value);
        Assert.Equal(1.5m, value.Properties["price"].Value);
        Assert.Equal(7, value.Properties["n"].Value);
        Assert.Equal(new[] { 1, 2 }, ((PSObject)value.Properties["flags"].Value).BaseObject);
        Assert.Equal(DayOfWeek.Monday, value.Properties["kind"].Value);
    }

    [Theory]
    [InlineData("""{"at":"yesterday"}""", "/at")]
    [InlineData("""{"at":1}""", "/at")]
    public void A_value_that_is_not_of_its_type_is_a_fault(string text, string path) =>
        Assert.Equal(path, Assert.Single(AnswerReading.Read(SchemaTable.Read(new Hashtable { ["at"] = typeof(DateTime) }), text).Faults).Path);

    [Fact]
    public void A_number_beyond_its_type_is_a_fault() =>
        Assert.Equal("/n", Assert.Single(AnswerReading.Read(SchemaTable.Read(new Hashtable { ["n"] = typeof(byte) }), """{"n":300}""").Faults).Path);

    [Theory]
    [InlineData("""{"a":1,"A":2}""")]
    [InlineData("""{"":1}""")]
    [InlineData("""{"a":"\ud800"}""")]
    public void Json_that_PowerShell_cannot_represent_is_a_fault(string text) => Assert.NotEmpty(AnswerReading.Read(Json("""{"type":"object"}"""), text).Faults);

    [Fact]
    public void Text_that_looks_like_a_date_stays_text() =>
        Assert.Equal("2026-02-03T04:05:06Z", ((PSObject)AnswerReading.Read(SchemaTable.Read(new Hashtable { ["at"] = typeof(string) }), """{"at":"2026-02-03T04:05:06Z"}""").Value!).Properties["at"].Value);

    [Fact]
    public void A_class_is_filled_including_its_nested_classes()
    {
        AnswerReading reading = AnswerReading.Read(SchemaTable.Read(typeof(Report)), """{"Title":"t","Day":"Monday","Places":[{"file":"a.cs","Line":null}],"Sizes":{"a":1}}""");

        Assert.Empty(reading.Faults);
        var report = Assert.IsType<Report>(reading.Value);
        Assert.Equal(("t", DayOfWeek.Monday, "a.cs"), (report.Title, report.Day, Assert.Single(report.Places).File));
        Assert.Null(report.Places[0].Line);
        Assert.Null(report.Note);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    [InlineData('"')]
    public void A_large_text_of_brackets_is_read_quickly(char letter)
    {
        string text = new string(letter, 300_000) + string.Concat(Enumerable.Repeat("{\"a\":[1,", 30_000));
        long begun = Stopwatch.GetTimestamp();

        Assert.NotEmpty(AnswerReading.Read(Finding, text).Faults);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static AnswerSchema Json(string schema) => new(JsonNode.Parse(schema)!.AsObject());

    private sealed class Report
    {
        public string Title { get; set; } = "";

        public DayOfWeek Day { get; set; }

        public List<Place> Places { get; set; } = [];

        public Dictionary<string, int> Sizes { get; set; } = [];

        public string? Note { get; set; }
    }

    private sealed class Place
    {
        [System.Text.Json.Serialization.JsonPropertyName("file")]
        public string File { get; set; } = "";

        public int? Line { get; set; }
    }
}
