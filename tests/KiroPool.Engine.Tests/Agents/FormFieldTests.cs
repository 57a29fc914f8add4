using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Agents;

public sealed class FormFieldTests
{
    [Theory]
    [InlineData("email", "ada@example.com", "ada")]
    [InlineData("email", "a.b+c@example.org", "Ada <ada@example.com>")]
    [InlineData("uri", "https://example.com/a", "example.com")]
    [InlineData("uri", "urn:isbn:1", "/etc/passwd")]
    [InlineData("date", "2026-02-28", "2026-02-30")]
    [InlineData("date-time", "2026-02-28T10:00:00Z", "2026-02-28")]
    [InlineData("date-time", "2026-02-28T10:00:00.5+02:00", "2026-02-28T25:00:00Z")]
    public void A_text_has_the_format_of_its_field(string format, string right, string wrong)
    {
        var field = new FormField { Name = "a", Format = format };

        Assert.Null(field.Check(right));
        Assert.NotNull(field.Check(wrong));
    }

    [Theory]
    [InlineData(FormFieldType.WholeNumber, "1", "0", "at least 1")]
    [InlineData(FormFieldType.WholeNumber, "10", "11", "at most 10")]
    [InlineData(FormFieldType.WholeNumber, "3", "3.5", "whole number")]
    [InlineData(FormFieldType.WholeNumber, "3", "three", "whole number")]
    [InlineData(FormFieldType.Number, "2.5", "10.1", "at most 10")]
    [InlineData(FormFieldType.Number, "1e0", "NaN", "number")]
    [InlineData(FormFieldType.Text, "a", "12345678901", "at most 10")]
    [InlineData(FormFieldType.Text, "💥💥💥💥💥💥💥💥💥💥", "💥💥💥💥💥💥💥💥💥💥💥", "at most 10")]
    public void A_value_is_in_the_range_of_its_field(FormFieldType type, string right, string wrong, string fault)
    {
        var field = new FormField { Name = "a", Type = type, Least = 1, Most = 10 };

        Assert.Null(field.Check(right));
        Assert.Contains(fault, field.Check(wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_is_a_value_a_title_or_a_number()
    {
        var field = new FormField { Name = "a", Type = FormFieldType.Choice, Choices = [new("r", "red"), new("1", "one"), new("a,b", "both")] };

        Assert.Equal(["r", "r", "1", "1", "a,b"], new[] { "r", "RED", "one", "1", "3" }.Select(typed => field.Read(typed).Value));
        Assert.Contains("'4' is not a choice", field.Check("4"), StringComparison.Ordinal);
    }

    [Fact]
    public void Choices_are_separated_by_commas_and_counted_once()
    {
        var field = new FormField { Name = "a", Type = FormFieldType.Choices, Least = 1, Most = 2, Choices = [new("r", "red"), new("b", "blue"), new("g", "green")] };

        Assert.Equal<string[]>(["b", "r"], (string[])field.Read("blue, 1, b").Value!);
        Assert.Contains("at most 2", field.Check("r,b,g"), StringComparison.Ordinal);
        Assert.Contains("'x' is not", field.Check("r,x"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_text_is_the_default_else_nothing_unless_a_value_is_required()
    {
        Assert.Equal(3L, new FormField { Name = "a", Type = FormFieldType.WholeNumber, Default = "3" }.Read(" ").Value);
        Assert.Equal(default, new FormField { Name = "a" }.Read(""));
        Assert.NotNull(new FormField { Name = "a", IsRequired = true }.Check("  "));
    }

    [Theory]
    [InlineData(FormFieldType.Choice, "2", "blue")]
    [InlineData(FormFieldType.Choices, "b, 1", "blue, red")]
    [InlineData(FormFieldType.YesNo, "TRUE", "yes")]
    [InlineData(FormFieldType.Number, "2.50", "2.5")]
    [InlineData(FormFieldType.Text, " ", "")]
    public void A_typed_text_is_described_as_what_it_means(FormFieldType type, string typed, string shown) =>
        Assert.Equal(shown, new FormField { Name = "a", Type = type, Choices = [new("r", "red"), new("b", "blue")] }.Describe(typed));

    [Fact]
    public void A_pattern_of_the_agent_cannot_take_for_ever()
    {
        var field = new FormField { Name = "a", Pattern = "^(a+)+$" };

        Assert.NotNull(field.Check(new string('a', 50) + "!"));
        Assert.Null(new FormField { Name = "a", Pattern = "(" }.Check("anything"));
        Assert.Null(new FormField { Name = "a", Pattern = "^[a-z]+$" }.Check("abc"));
    }
}
