using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>The text of a piped object with -Prompt: what PowerShell shows of it, up to a bound.</summary>
[Long]
public sealed class ObjectInputTests : IDisposable
{
    private readonly SimulatedAgent _agent = new();
    private readonly ModuleRunspace _module;

    public ObjectInputTests()
    {
        _module = new ModuleRunspace(_agent);
        _module.Run("Start-KiroPool @Agent -MaxSize 1").WithoutError();
    }

    public void Dispose()
    {
        _module.Dispose();
        _agent.Dispose();
    }

    [Theory]
    [InlineData("try { Get-Item /nope -ErrorAction Stop } catch { $_ }", "Cannot find path '", "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand", "nope:String) [Get-Item]", "Get-Item /nope")]
    [InlineData("Get-Item /nope -ErrorAction SilentlyContinue; $Error[0]", "Cannot find path '", "PathNotFound,", "ObjectNotFound", "Get-Item /nope")]
    [InlineData("try { throw 'bad thing' } catch { $_ }", "bad thing", "Id: bad thing", "OperationStopped", "throw 'bad thing'")]
    [InlineData("try { 1 / 0 } catch { $_ }", "Attempted to divide by zero", "RuntimeException", "DivideByZeroException", "1 / 0")]
    [InlineData("try { nosuchcommand } catch { $_ }", "'nosuchcommand' is not recognized", "CommandNotFoundException", "ObjectNotFound", "nosuchcommand")]
    [InlineData("try { [int]::Parse('x') } catch { $_ }", "was not in a correct format", "FormatException", "NotSpecified", "[int]::Parse('x')")]
    [InlineData("try { [scriptblock]::Create('if (') } catch { $_ }", "Missing condition", "ParseException", "NotSpecified", "Create('if (')")]
    [InlineData("Write-Error -Message 'mine' -ErrorId Mine -Category InvalidData 2>&1", "mine", "Mine", "InvalidData", "Write-Error")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($(try { Get-Item /nope -ErrorAction Stop } catch { $_ })))", "Cannot find path '", "PathNotFound,", "ObjectNotFound", "Script stack trace")]
    [InlineData("$shell = [powershell]::Create().AddScript('Write-Error zz'); $null = $shell.Invoke(); $shell.Streams.Error", "zz", "WriteErrorException", "NotSpecified", "Script stack trace")]
    public void An_error_is_its_message_id_category_and_position(string script, params string[] parts)
    {
        string sent = Sent(script);

        Assert.All(parts, part => Assert.Contains(part, sent, StringComparison.Ordinal));
        Assert.InRange(sent.Length, 10, 4000);
    }

    [Fact]
    public void An_exception_is_its_message_and_its_causes()
    {
        string sent = Sent("[System.InvalidOperationException]::new('outer', [System.IO.IOException]::new('disk'))");

        Assert.Equal("outer\nException: System.InvalidOperationException <- System.IO.IOException: disk", sent.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_stderr_of_a_native_command_is_its_lines()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no sh.");

        _module.Run("sh -c 'echo one 1>&2; echo two 1>&2' 2>&1 | Invoke-KiroPrompt 'Explain' -ThrottleLimit 1").WithoutError();

        Assert.Equal(["Explain\n\none", "Explain\n\ntwo"], _agent.Prompts);
    }

    [Theory]
    [InlineData("[xml]'<a b=\"1\"><c>t</c></a>'", "<a b=\"1\"><c>t</c></a>")]
    [InlineData("([xml]'<a><c>t</c></a>').a", "<a><c>t</c></a>")]
    [InlineData("[System.Xml.Linq.XElement]::Parse('<a/>')", "<a />")]
    [InlineData("[System.Text.StringBuilder]::new('hello')", "hello")]
    [InlineData("[ipaddress]'10.0.0.1'", "10.0.0.1")]
    [InlineData("[regex]'a+'", "a+")]
    [InlineData("[uri]'https://a.b/c'", "https://a.b/c")]
    [InlineData("[version]'1.2.3'", "1.2.3")]
    [InlineData("[System.Text.Json.JsonDocument]::Parse('{\"a\": 1}').RootElement", "{\"a\": 1}")]
    [InlineData("[System.DayOfWeek]::Friday", "Friday")]
    [InlineData("[datetime]'2024-02-01'", "2024-02-01T00:00:00")]
    [InlineData("[timespan]'00:05:00'", "00:05:00")]
    [InlineData("[guid]::Empty", "00000000-0000-0000-0000-000000000000")]
    [InlineData("[bigint]::Pow(10, 20)", "100000000000000000000")]
    [InlineData("{ Get-Item }", " Get-Item ")]
    [InlineData("& { Write-Warning 'careful' } 3>&1", "careful")]
    [InlineData("Write-Information 'for you' 6>&1", "for you")]
    [InlineData("'foo bar' | Select-String bar -NoEmphasis", "foo bar")]
    public void A_text_like_object_is_its_text(string script, string text) => Assert.Equal(text, Sent(script));

    [Theory]
    [InlineData("[pscustomobject]@{ Day = [System.DayOfWeek]::Friday; Ip = [ipaddress]'10.0.0.1'; None = $null; On = $true; N = 1.5 }", "{\"Day\":\"Friday\",\"Ip\":\"10.0.0.1\",\"None\":null,\"On\":true,\"N\":1.5}")]
    [InlineData("[pscustomobject]@{ Text = \"ü 😀 \"\"q\"\" \\ \t\" }", "{\"Text\":\"ü 😀 \\\"q\\\" \\\\ \\u0009\"}")]
    [InlineData("@{ b = 1; a = 2 }", "{\"a\":2,\"b\":1}")]
    [InlineData("[ordered]@{ b = 1; a = 2 }", "{\"b\":1,\"a\":2}")]
    [InlineData(", @(1, 'two', @{ three = 3 })", "[1,\"two\",{\"three\":3}]")]
    [InlineData("@{ a = 1 }.GetEnumerator()", "{\"Name\":\"a\",\"Value\":1}")]
    [InlineData("'a,b', '1,2' | ConvertFrom-Csv", "{\"a\":\"1\",\"b\":\"2\"}")]
    [InlineData("$t = [System.Data.DataTable]::new(); $null = $t.Columns.Add('A'); $null = $t.Rows.Add('x'); $t", "{\"A\":\"x\"}")]
    [InlineData("class Finding { [string] $A = 'x'; [int[]] $B = 1, 2; hidden [string] $Key = 'no' }; [Finding]::new()", "{\"A\":\"x\",\"B\":[1,2]}")]
    [InlineData("[pscustomobject]@{ When = [datetime]'2024-02-01'; Not = [double]::NaN }", "{\"When\":\"2024-02-01T00:00:00\",\"Not\":\"NaN\"}")]
    public void Other_objects_are_json_of_their_visible_properties(string script, string json) => Assert.Equal(json, Sent(script));

    [Theory]
    [InlineData("Get-Location", "\"Path\":")]
    [InlineData("Get-Alias gci", "\"Name\":\"gci -> Get-ChildItem\"")]
    [InlineData("Get-Command Get-Item", "\"CommandType\":\"Cmdlet\"")]
    [InlineData("[string]", "\"Name\":\"String\"")]
    [InlineData("Get-Process -Id $PID", "\"Id\":")]
    [InlineData(", @(Get-Process -Id $PID)", "[{")]
    [InlineData("[regex]::Match('abc', 'b')", "\"Value\":\"b\"")]
    [InlineData("Get-PSDrive Function", "\"Name\":\"Function\"")]
    [InlineData("Get-Variable PID", "\"Name\":\"PID\"")]
    [InlineData("Get-Module KiroPool", "\"Name\":\"KiroPool\"")]
    [InlineData("Get-KiroPoolStats", "1 idle")]
    public void An_object_is_only_what_its_view_shows(string script, string part)
    {
        string sent = Sent(script);

        Assert.Contains(part, sent, StringComparison.Ordinal);
        Assert.InRange(sent.Length, 5, 2000);
    }

    [Fact]
    public void Help_is_its_shown_text()
    {
        string sent = Sent("Get-Help Get-Item");

        Assert.StartsWith("NAME", sent, StringComparison.Ordinal);
        Assert.Contains("Get-Item", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void The_output_of_a_format_cmdlet_is_one_text()
    {
        Ran ran = _module.Run("& { [pscustomobject]@{ A = 1 }, [pscustomobject]@{ A = 2 } | Format-Table; 'between'; [pscustomobject]@{ B = 3 } | Format-List } | Invoke-KiroPrompt 'Explain' -ThrottleLimit 1").WithoutError();

        Assert.Equal(["Explain\n\nA\n-\n1\n2", "Explain\n\nbetween", "Explain\n\nB : 3"], _agent.Prompts);
        Assert.Equal([0, 1, 2], ran.Results.Select(result => result.Index));
    }

    [Fact]
    public void An_incomplete_table_is_sent_as_far_as_it_came()
    {
        _module.Run("[pscustomobject]@{ A = 1 }, [pscustomobject]@{ A = 2 } | Format-Table | Select-Object -First 3 | Invoke-KiroPrompt 'Explain'").WithoutError();

        Assert.Matches(@"(?s)^Explain\n\n *A\n.*1$", Assert.Single(_agent.Prompts));
    }

    [Fact]
    public void No_secret_is_sent()
    {
        Ran ran = _module.Run("""
            $secret = ConvertTo-SecureString 'hunter2' -AsPlainText -Force
            $user = [pscredential]::new('me', $secret)
            $secret, $user, $user.GetNetworkCredential(), @{ Login = $user; Password = $secret }, [pscustomobject]@{ N = $user.GetNetworkCredential() } | Invoke-KiroPrompt 'Explain' -ThrottleLimit 1
            """).WithoutError();

        Assert.Equal(5, ran.Results.Count);
        Assert.All(_agent.Prompts, prompt => Assert.DoesNotContain("hunter2", prompt, StringComparison.Ordinal));
        Assert.Contains("\"UserName\":\"me\"", _agent.Prompts[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "{\"a\":{\"b\":{\"c\":\"System.Collections.Hashtable\"}}}", 1)]
    [InlineData("-Depth 3", "{\"a\":{\"b\":{\"c\":{\"d\":1}}}}", 0)]
    [InlineData("-Depth 0", "{\"a\":\"System.Collections.Hashtable\"}", 1)]
    public void Levels_are_those_of_ConvertTo_Json_and_a_cut_gives_a_warning(string depth, string json, int warnings)
    {
        Ran ran = _module.Run($"@{{ a = @{{ b = @{{ c = @{{ d = 1 }} }} }} }} | Invoke-KiroPrompt 'Explain' {depth}").WithoutError();

        Assert.Equal("Explain\n\n" + json, Assert.Single(_agent.Prompts));
        Assert.Equal(warnings, ran.Warnings.Count(warning => warning.Contains("-Depth", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_object_that_contains_itself_is_finite()
    {
        Assert.StartsWith("{\"Name\":\"me\",\"Self\":{\"Name\":\"me\",", Sent("$o = [pscustomobject]@{ Name = 'me'; Self = $null }; $o.Self = $o; $o"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_list_is_refused_at_the_bound()
    {
        ErrorRecord error = _module.Set("Endless", Endless()).Run("$o = [pscustomobject]@{ All = $null }; $o.All = $Endless; $o | Invoke-KiroPrompt 'Explain'").Error;

        Assert.StartsWith("InputTooLarge,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("more than", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_agent.Prompts);

        static IEnumerable<int> Endless()
        {
            for (int i = 0; ; i++)
                yield return i;
        }
    }

    [Fact]
    public void An_object_over_the_bound_fails_alone_with_size_bound_and_remedy()
    {
        Ran ran = _module.Run("1, [pscustomobject]@{ t = 'x' * 300000 }, 2 | Invoke-KiroPrompt 'Explain' -ThrottleLimit 1");

        Assert.Equal(["Explain\n\n1", "Explain\n\n2"], _agent.Prompts);
        Assert.Equal("InputTooLarge,KiroPool.Commands.InvokeKiroPromptCommand", ran.Error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.LimitsExceeded, ran.Error.CategoryInfo.Category);
        Assert.Contains("300,008 bytes", ran.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("262,144", ran.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Select-Object", ran.Error.ToString(), StringComparison.Ordinal);
        Assert.NotNull(ran.Error.TargetObject);
    }

    [Fact]
    public void The_bound_can_be_set_and_does_not_apply_to_strings()
    {
        _module.Run("[pscustomobject]@{ t = 'x' * 300000 } | Invoke-KiroPrompt 'Explain' -MaxObjectSize 1MB; 'y' * 300000 | Invoke-KiroPrompt 'Explain'").WithoutError();

        Assert.Equal(2, _agent.Prompts.Count);
        Assert.StartsWith("InputTooLarge,", _module.Run("[System.Text.StringBuilder]::new('z' * 2000) | Invoke-KiroPrompt 'Explain' -MaxObjectSize 1KB").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Depth 101", "DepthOutOfRange")]
    [InlineData("-MaxObjectSize 10", "MaxObjectSizeOutOfRange")]
    public void A_bad_limit_ends_the_command(string parameter, string id) =>
        Assert.StartsWith(id + ",", _module.Run($"1 | Invoke-KiroPrompt 'Explain' {parameter}").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public void A_list_of_files_is_several_attachments()
    {
        _agent.File("a.txt", "abc");
        _agent.File("b.txt", "de");

        Ran ran = _module.Set("Folder", _agent.Folder).Run("Invoke-KiroPrompt 'Compare' -InputObject (Get-ChildItem $Folder/?.txt)").WithoutError();

        Assert.Equal("You said: Compare\nLinked: a.txt (3 bytes)\nLinked: b.txt (2 bytes)", ran.Result.Text);
    }

    [Fact]
    public void A_file_of_another_process_is_its_path()
    {
        FileInfo file = _agent.File("a.txt", "abc");

        string sent = Sent("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-Item $File)))", ("File", file.FullName));

        Assert.Equal(file.FullName, sent);
    }

    private string Sent(string script, params (string Name, object Value)[] variables)
    {
        foreach ((string name, object value) in variables)
            _module.Set(name, value);
        _module.Run($"& {{ {script} }} | Invoke-KiroPrompt 'Explain'").WithoutError();
        string prompt = Assert.Single(_agent.Prompts);
        Assert.StartsWith("Explain\n\n", prompt, StringComparison.Ordinal);
        return prompt["Explain\n\n".Length..];
    }
}
