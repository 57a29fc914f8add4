using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Schemas;

/// <summary>The values of answers as objects of PowerShell: their types, views, lists and copies.</summary>
public sealed class AnswerValueTests
{
    private const string Finding = "@{ severity = 'low', 'high', 'fatal'; summary = [string]; hosts = @([string]) }";

    [Fact]
    public void Expand_writes_the_values_with_the_input_out_of_sight()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run($$"""
            $null = Start-KiroPool @Agent
            $values = 'fatal one', 'low two' | Invoke-KiroPrompt 'Judge' -Schema {{Finding}} -Expand
            $values.Count
            $values[0].GetType().Name
            $values[0].PSObject.Properties.Name -join ','
            ($values | ConvertTo-Csv)[0]
            ($values | Sort-Object InputObject).InputObject -join ','
            ($values | Where-Object severity -eq fatal).InputObject
            ($values | Group-Object severity | Sort-Object Name).Name -join ','
            """).WithoutError();

        Assert.Equal([2, "PSCustomObject", "hosts,severity,summary", "\"hosts\",\"severity\",\"summary\"", "fatal one,low two", "fatal one", "fatal,low"], ran.Output.Select(o => o!.BaseObject));
    }

    [Fact]
    public void Expand_writes_a_list_one_by_one()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent
            $values = 'input' | Invoke-KiroPrompt 'Name fish' -Schema @([string]) -Expand
            "$($values.Count) $($values[0].InputObject) $($values[1].InputObject) $($values[0].GetType().Name)"
            """).WithoutError();

        Assert.Equal("2 input input String", ran.Value<string>());
    }

    [Theory]
    [InlineData("([string])", "value of: x")]
    [InlineData("@([int])", "47")]
    [InlineData("([bool])", "False")]
    public void Expanded_values_that_are_no_objects_are_shown_as_themselves(string schema, string shown)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        string text = module.Run($"$null = Start-KiroPool @Agent; Invoke-KiroPrompt x -Schema {schema} -Expand | Select-Object -First 1 | Out-String").WithoutError().Value<string>();

        Assert.Equal(shown, text.Trim());
    }

    [Fact]
    public void Expanded_values_keep_their_type_and_the_view_of_it()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent
            (Invoke-KiroPrompt x -Schema @{ a = [int] } -Expand).PSTypeNames[0]
            (Invoke-KiroPrompt x -Schema @{ a = [int] } -Expand | ConvertTo-Json -Compress)
            (Invoke-KiroPrompt x -Schema @{ a = [int] } -Expand | Select-Object *).PSObject.Properties.Name -join ','
            """).WithoutError();

        Assert.Equal(["System.Management.Automation.PSCustomObject", """{"a":47}""", "a"], ran.Values<string>());
    }

    [Fact]
    public void A_PowerShell_class_gives_instances_of_it()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            class Place { [string] $File; [Nullable[int]] $Line }
            class Finding { [ValidateSet('low', 'high')] [string] $Severity; [Place[]] $Places; [string] Title() { return "$($this.Severity) in $($this.Places.Count)" } }
            $null = Start-KiroPool @Agent
            $result = Invoke-KiroPrompt 'high' -Schema ([Finding])
            $result.Value.GetType().Name
            $result.Value.Title()
            $expanded = 'x' | Invoke-KiroPrompt 'low' -Schema ([Finding]) -Expand
            "$($expanded.GetType().Name) $($expanded.InputObject) $($expanded.PSObject.Properties.Name -join ',')"
            """).WithoutError();

        Assert.Equal(["Finding", "high in 2", "Finding x Severity,Places"], ran.Values<string>());
    }

    [Fact]
    public void A_list_is_text_in_a_CSV_and_a_list_for_scripts()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent
            $value = Invoke-KiroPrompt 'x' -Schema @{ hosts = @([string]); ports = [int[]] } -Expand
            ($value | ConvertTo-Csv | ConvertFrom-Csv).hosts
            ($value | ConvertTo-Csv | ConvertFrom-Csv).ports
            "$($value.hosts -is [array]) $($value.hosts.Length) $($value.ports -is [int[]])"
            ($value | ConvertTo-Json -Compress)
            """).WithoutError();

        Assert.Equal(["hosts of: x hosts of: x", "47 47", "True 2 True", """{"hosts":["hosts of: x","hosts of: x"],"ports":[47,47]}"""], ran.Values<string>());
    }

    [Fact]
    public void A_serialized_value_has_no_input_however_large_that_is()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent
            Set-Content (Join-Path $Agent.WorkingDirectory a.log) x
            $value = Get-ChildItem (Join-Path $Agent.WorkingDirectory a.log) | Invoke-KiroPrompt 'x' -Schema @{ a = [int] } -Expand
            $text = [System.Management.Automation.PSSerializer]::Serialize($value)
            $copy = [System.Management.Automation.PSSerializer]::Deserialize($text)
            "$($copy.PSObject.Properties.Name) $($text.Length -lt 2000) $($value.InputObject.Name)"
            """).WithoutError();

        Assert.Equal("a True a.log", ran.Value<string>());
    }

    [Fact]
    public void A_value_passes_whole_through_serialization()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent
            $result = Invoke-KiroPrompt 'x' -Schema @{ a = @{ b = @{ c = @{ d = [string] } } } }
            $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($result))
            $copy.Value.a.b.c.d
            """).WithoutError();

        Assert.Equal("d of: x", ran.Value<string>());
    }
}
