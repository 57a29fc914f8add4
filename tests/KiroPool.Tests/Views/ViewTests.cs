using KiroPool.Formatting;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Views;

/// <summary>The views, rendered by the engine's own Out-Default into a recording host.</summary>
public sealed class ViewTests
{
    [Fact]
    public void A_result_is_a_header_line_and_the_text()
    {
        Assert.Matches(@"(?m)^#0 · auto · [\d.]+ m?s · 0\.05 credits\s*\nYou said: hello$", Show("Invoke-KiroPrompt 'hello'"));
    }

    [Fact]
    public void A_result_from_a_job_or_a_file_looks_the_same()
    {
        const string script = "[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Invoke-KiroPrompt 'hello')))";

        Assert.Matches(@"(?m)^#0 · auto · [\d.]+ m?s · 0\.05 credits\s*\nYou said: hello$", Show(script));
    }

    [Fact]
    public void Several_results_each_have_their_header()
    {
        string screen = Show("'a', 'b' | Invoke-KiroPrompt -Ordered");

        Assert.Matches(@"(?s)#0 · .*You said: a.*#1 · .*You said: b", screen);
    }

    [Fact]
    public void A_result_after_its_updates_has_the_view_of_an_answer()
    {
        string screen = Show("Invoke-KiroPrompt 'hello [[tool read]]' -Stream");

        Assert.Matches(@"(?m)^#0 ToolCall: Simulated read \(read, ", screen);
        Assert.Matches(@"(?m)^#0 You sa", screen);
        Assert.Matches(@"(?m)^#0 · auto · [\d.]+ m?s · 0\.05 credits\s*\nYou said: hello", screen);
    }

    [Fact]
    public void Statistics_are_a_short_list()
    {
        string screen = Show("$null = Invoke-KiroPrompt 'a'; Get-KiroPoolStats");

        Assert.Matches(@"(?m)^Processes +: 1 idle, 0 active", screen);
        Assert.Matches(@"(?m)^Prompts +: 1 completed, 0 failed", screen);
        Assert.Matches(@"(?m)^Warm +: 1 hit, 0 misses \(100 %\)", screen);
        Assert.Matches(@"(?m)^Turn +: p50 \d+ ms", screen);
    }

    [Fact]
    public void The_header_and_the_table_name_the_input_and_separate_the_wait()
    {
        Assert.Matches(@"(?m)^#0 Program\.cs · auto · [\d.]+ m?s( · waited [\d.]+ s)? · 0\.05 credits\s*\n", Show("$f = New-Item (Join-Path $Agent.WorkingDirectory Program.cs); $f | Invoke-KiroPrompt 'look'"));
        Assert.Matches(@"(?m)^#0 a line · auto · ", Show("'a line' | Invoke-KiroPrompt 'look'"));
        Assert.Matches(@"(?m)^#0 1 input · auto · ", Show("'a line' | Invoke-KiroPrompt 'look' -Collect"));
        Assert.Matches(@"(?m)^#0 2 inputs · auto · ", Show("'a line', 'another' | Invoke-KiroPrompt 'look' -Collect"));
        Assert.Matches(@"# +Outcome +Time +Wait +Input +Text", Show("'a line' | Invoke-KiroPrompt 'look' | Format-Table"));
        Assert.Matches(@"(?m)^ +0 Completed +[\d.]+ m?s .*a line", Show("'a line' | Invoke-KiroPrompt 'look' | Format-Table"));
    }

    [Fact]
    public void A_copy_of_a_result_names_its_file_too()
    {
        const string script = "$f = New-Item (Join-Path $Agent.WorkingDirectory Program.cs); [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize(($f | Invoke-KiroPrompt 'look'), 4))";

        Assert.Matches(@"(?m)^#0 Program\.cs · auto · ", Show(script));
    }

    [Fact]
    public void Statistics_have_a_row_for_each_process_that_says_what_it_does()
    {
        string screen = Show("$null = New-KiroSession review; $null = Invoke-KiroPrompt 'a' -Session review; Get-KiroPoolStats");

        Assert.Matches(@"PID State +Uses +Memory +For +Doing", screen);
        Assert.Matches(@"(?m)^ *\d+ Held +1 +\d+ MB +[\d.]+ m?s +session review", screen);
        Assert.DoesNotContain("p50 ,", Show("Get-KiroPoolStats"), StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_name_the_prompt_that_a_process_runs()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        PoolInfo pool = module.StartWarm(1);
        agent.File("Program.cs", "x");
        using RunningScript running = module.Begin("Get-Item (Join-Path $Agent.WorkingDirectory Program.cs) | Invoke-KiroPrompt '[[sleep 1500]] look'");
        Eventually.Holds(() => agent.Count("prompt") == 1);

        PoolProcess process = Assert.Single(other.Set("Pool", pool).Run("Get-KiroPoolStats -Pool $Pool").Value<PoolStatistics>().Processes);

        Assert.Equal(("Active", "Program.cs", 0), (process.State, process.Prompt, process.PromptIndex));
        Assert.InRange(process.InState, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        running.End().WithoutError();
        Assert.Null(Assert.Single(module.Statistics().Processes).Prompt);
    }

    [Fact]
    public void A_script_that_writes_several_types_shows_each_briefly()
    {
        string screen = Show("Start-KiroPool; $r = Invoke-KiroPrompt 'a [[tool read]]' -Session s; $r; $r.ToolCalls; Get-KiroPoolStats; Get-KiroSession s; Get-KiroSession s -History");

        Assert.Matches(@"(?m)^Result : #0 .*auto", screen);
        Assert.Matches(@"(?m)^Answer : You said: a", screen);
        Assert.Matches(@"(?m)^Tool : read: Simulated read \(completed", screen);
        Assert.Matches(@"(?m)^Prompts +: 1 completed, 0 failed", screen);
        Assert.Matches(@"(?m)^Asked +: a \[\[tool read\]\]", screen);
        Assert.InRange(screen.Split('\n').Length, 10, 60);
        Assert.DoesNotContain("ProcessesCreated", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("ModelVerified", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$r")]
    [InlineData("$r.ToolCalls")]
    [InlineData("Get-KiroSession s -History")]
    [InlineData("Get-KiroSession s")]
    [InlineData("[KiroPool.PlanStep] @{ Content = $nasty }")]
    [InlineData("[KiroPool.ToolCall]::new('1', $nasty, $nasty, $nasty, [string[]]@(), $nasty, $null)")]
    public void After_another_type_no_output_of_an_agent_steers_the_terminal(string script)
    {
        const string nasty = "$nasty = \"x`e]52;c;ZXZpbA==`a`e]0;title`a`e[2J`e[1A`r`b`u{9b}2J y `e[31mred\"";

        string screen = Show($"{nasty}; $r = Invoke-KiroPrompt \"$nasty [[tool read]]\" -Session s; Get-KiroPool; {script}", raw: true);

        string[] steering = ["\u001b]", "\u001b[2J", "\u001b[1A", "\r", "\b", "\u009b", "\u0007", "ZXZp"];
        Assert.All(steering, one => Assert.DoesNotContain(one, screen.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void Processes_are_a_table()
    {
        string screen = Show("(Get-KiroPoolStats).Processes");

        Assert.Matches(@"PID +State +Engine +Uses +Memory +Agent +WorkingDirectory", screen);
        Assert.Matches(@"(?m)^ *\d+ Idle +V2 +0 +\d+ MB +", screen);
    }

    [Fact]
    public void A_pool_is_a_table_row()
    {
        string screen = Show("Start-KiroPool @Agent");

        Assert.Matches(@"State +Size +Engine +Agent +Model +FilePath", screen);
        Assert.Matches(@"(?m)^Running +1-5 +V2 +", screen);
    }

    [Theory]
    [InlineData(0.4, "0 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(999.6, "1.0 s")]
    [InlineData(3_440, "3.4 s")]
    [InlineData(59_960, "1 min 0 s")]
    [InlineData(312_000, "5 min 12 s")]
    [InlineData(7_260_000, "2 h 1 min")]
    public void A_time_has_a_short_form(double milliseconds, string text) => Assert.Equal(text, Display.Time(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData(0.05, "0.05 credits")]
    [InlineData(1, "1 credit")]
    [InlineData(1.5, "1.5 credits")]
    public void Credits_have_the_right_number(double credits, string text) => Assert.Equal(text, Display.Credits((decimal)credits, System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(340_400_000L, "340 MB")]
    [InlineData(1_200_000_000L, "1.2 GB")]
    public void A_size_has_a_short_form(long bytes, string text) => Assert.Equal(text, Display.Size(bytes));

    [Theory]
    [InlineData("one\ntwo  three", 20, "one two three")]
    [InlineData("abcdefghij", 10, "abcdefghij")]
    [InlineData("abcdefghijk", 10, "abcdefghi…")]
    [InlineData("", 10, "")]
    public void A_text_is_cut_to_one_line(string text, int length, string line) => Assert.Equal(line, Display.Line(text, length));

    [Theory]
    [InlineData("$r")]
    [InlineData("$r | Format-Table")]
    [InlineData("$r, $r | Format-Table -View Results")]
    [InlineData("$r.ToolCalls | ForEach-Object { \"y $_\" }")]
    [InlineData("[KiroPool.PlanStep] @{ Content = $nasty }")]
    [InlineData("$r | Format-List")]
    [InlineData("[KiroPool.ToolCall]::new('1', $nasty, $nasty, $nasty, [string[]]@(), $nasty, $null)")]
    [InlineData("Get-KiroSession s -History")]
    [InlineData("Invoke-KiroPrompt $nasty -Stream")]
    [InlineData("Invoke-KiroPrompt \"[[error $nasty]]\" 2>&1")]
    public void No_output_of_an_agent_steers_the_terminal(string script)
    {
        const string nasty = "$nasty = \"x`e]52;c;ZXZpbA==`a`e]0;title`a`e[2J`e[1A`r`b`u{9b}2J y `e[31mred\"";

        string screen = Show($"{nasty}; $r = Invoke-KiroPrompt \"$nasty [[tool read]]\" -Session s; {script}", raw: true);

        string[] steering = ["\u001b]", "\u001b[2J", "\u001b[1A", "\r", "\b", "\u009b", "\u0007", "ZXZp"];
        Assert.Contains("y ", screen, StringComparison.Ordinal);
        Assert.All(steering, one => Assert.DoesNotContain(one, screen.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void The_Text_property_stays_unchanged()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        string text = module.Run("$null = Start-KiroPool @Agent; Invoke-KiroPrompt \"x`e]0;title`a`e[31mred\"").WithoutError().Result.Text;

        Assert.Equal("You said: x\u001b]0;title\u0007\u001b[31mred", text);
    }

    private static string Show(string script, bool raw = false)
    {
        var host = new ScriptedHost();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        module.Run("$null = Start-KiroPool @Agent").WithoutError();
        module.Run($"& {{ {script} }} | Out-Default").WithoutError();
        return raw ? host.Raw : host.Screen.ReplaceLineEndings("\n");
    }
}
