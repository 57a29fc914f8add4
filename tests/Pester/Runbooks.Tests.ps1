# Runs the scripts of docs/runbooks.md, word for word, each in its own pwsh. The simulator stands in for kiro-cli.

BeforeDiscovery {
    $page = Get-Content (Join-Path $PSScriptRoot .. .. docs runbooks.md) -Raw
    $blocks = [regex]::Matches($page, '(?ms)^```powershell\r?\n# (\S+\.ps1)\r?\n.*?^```') | ForEach-Object { $_.Groups[1].Value }
    $all = [regex]::Matches($page, '(?m)^```powershell').Count
}

Describe 'The runbooks' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        $page = Get-Content (Join-Path $Repository docs runbooks.md) -Raw
        $path, $modulePath, $settings = $env:PATH, $env:PSModulePath, $env:KIROPOOL_SIMULATOR
        $bin = New-Item -ItemType Directory (Join-Path $TestDrive bin)
        $null = New-KiroCli $bin
        $env:PATH = $bin.FullName + [IO.Path]::PathSeparator + $env:PATH
        $env:PSModulePath = (Join-Path $Repository out) + [IO.Path]::PathSeparator + $env:PSModulePath
        $hasGit = [bool](Get-Command git -ErrorAction Ignore)

        # Writes the script of a runbook to the current folder and runs it as a reader would.
        function Invoke-Runbook([string] $Name, [string[]] $Arguments = @()) {
            $code = [regex]::Match($page, "(?ms)^``````powershell\r?\n(# $([regex]::Escape($Name))\r?\n.*?)^``````").Groups[1].Value
            Set-Content $Name $code
            $output = & $Pwsh @PwshArguments -File $Name @Arguments 2>&1 | ForEach-Object { "$_" }
            [pscustomobject]@{ Output = @($output); ExitCode = $LASTEXITCODE }
        }

        # A repository with a commit on main and one on a branch.
        function Initialize-Repository([string] $Change) {
            git init -q -b main .
            git config user.name 'A Test'
            git config user.email test@example.com
            'class A {}' > A.cs
            git add A.cs
            git commit -qm 'First'
            git checkout -qb change
            $Change > B.cs
            git add B.cs
            git commit -qm 'Second'
        }
    }

    AfterAll {
        $env:PATH, $env:PSModulePath, $env:KIROPOOL_SIMULATOR = $path, $modulePath, $settings
    }

    BeforeEach {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        Push-Location $folder
        $log = Join-Path $folder agents.jsonl
        $env:KIROPOOL_SIMULATOR = (Get-SimulatorEnvironment @{ log = $log }).KIROPOOL_SIMULATOR
    }

    AfterEach {
        Pop-Location
        Wait-Until { -not (Get-LivingAgent $log) } | Should -BeTrue -Because 'no agent outlives its runbook'
    }

    It 'are nine, and each has a test' -ForEach @{ Blocks = $blocks; All = $all } {
        $All | Should -Be 9
        $tests = Get-Content $PSCommandPath -Raw
        $Blocks | Should -HaveCount 9
        foreach ($block in $Blocks) { $tests | Should -Match "Invoke-Runbook $([regex]::Escape($block))" }
    }

    It 'review a repository' {
        if (-not $hasGit) { Set-ItResult -Skipped -Because 'there is no git on PATH' }
        Initialize-Repository 'class B {} // [[error out of order]]'
        $ran = Invoke-Runbook nightly-review.ps1
        $ran.ExitCode | Should -Be 0
        $ran.Output | Should -BeLike '2 files reviewed, 0 not: review-*.md'
        $report = Get-Content review-*.md -Raw
        $report | Should -BeLike '*## A.cs*You said: Review this file*Linked: A.cs*## B.cs*'

        $env:KIROPOOL_SIMULATOR = (Get-SimulatorEnvironment @{ log = $log; faults = @(@{ at = 'prompt'; do = 'error'; text = 'out of order' }) }).KIROPOOL_SIMULATOR
        $ran = Invoke-Runbook nightly-review.ps1
        $ran.ExitCode | Should -Be 1
        Get-Content review-*.md -Raw | Should -BeLike '*## A.cs: no review*out of order*'
        (Invoke-Runbook nightly-review.ps1 -Arguments '-Since', '2099-01-01').Output | Should -Be 'Nothing has changed.'
    }

    It 'review files whose names git would quote or PowerShell would hide' {
        if (-not $hasGit) { Set-ItResult -Skipped -Because 'there is no git on PATH' }
        Initialize-Repository 'class B {}'
        $names = 'Größe und Maß.cs', '日本.cs', '.hidden.cs', '[1].cs'
        foreach ($name in $names) { Set-Content -LiteralPath $name 'class C {}' }
        git add --all
        git commit -qm 'Third'
        (Invoke-Runbook nightly-review.ps1).Output | Should -BeLike '6 files reviewed, 0 not: review-*.md'
        $report = Get-Content review-*.md -Raw
        foreach ($name in $names) { $report.Contains("## $name") | Should -BeTrue -Because $name }
    }

    It 'triage log files' {
        1..5 | ForEach-Object { "10:0$_ ERROR disk $_ is full" } > one.log
        '10:07 INFO fine', '10:08 FATAL no licence' > two.log
        $ran = Invoke-Runbook triage-logs.ps1
        $ran.ExitCode | Should -Be 0
        $rows = Import-Csv triage.csv
        $rows.Times | Should -Be '5', '1'
        $rows[0].Text | Should -BeLike 'You said: This line occurs 5 times in our logs, first in one.log line 1*disk 1 is full'
        Get-AgentLog $log prompt | Should -HaveCount 2
        '10:09 ERROR [[error no]]' > three.log
        (Invoke-Runbook triage-logs.ps1).ExitCode | Should -Be 1
        Import-Csv triage.csv | Should -HaveCount 2
    }

    It 'triage logs to a table with a budget, and judge the rest in the next run' {
        'disk full' > fatal-a.log
        'disk slow' > low-b.log
        'disk [[json never]]' > c.log
        $env:KIROPOOL_SIMULATOR = (Get-SimulatorEnvironment @{ log = $log; credits = 4 }).KIROPOOL_SIMULATOR
        $ran = Invoke-Runbook triage-to-csv.ps1 -Arguments '-MaxCredits', '4', '-Path', '*a.log'
        $ran.Output | Should -Be '1 logs judged, 0 failed, 0 left for the next run'
        $ran = Invoke-Runbook triage-to-csv.ps1
        $ran.ExitCode | Should -Be 0
        $rows = Import-Csv triage.csv
        $rows.log | Should -Be 'c.log', 'fatal-a.log', 'low-b.log'
        $rows[1].severity | Should -Be 'fatal'
        $rows[2].severity | Should -Be 'low'
        Get-AgentLog $log prompt | Should -HaveCount 3
    }

    It 'fan out with a journal, and continue an interrupted batch' {
        'Name,Role', 'web1,front', 'db1,store' > servers.csv
        (Invoke-Runbook fan-out.ps1).ExitCode | Should -Be 0
        'Name,Role', 'web2,front', 'web1,front', 'db1,store' > servers.csv
        (Invoke-Runbook fan-out.ps1).ExitCode | Should -Be 0
        $rows = Import-Csv pages.csv | Sort-Object { [int]$_.Index }
        $rows.Server | Should -Be 'web2', 'web1', 'db1'
        $rows.FromJournal | Should -Be 'False', 'True', 'True'
        Get-AgentLog $log prompt | Should -HaveCount 3
    }

    It 'run a batch over three hosts, and continue it' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'the stand-in for ssh is a script of Unix'; return }
        # Reaches this machine, whatever the host. Its options end with --, the name of the host follows.
        $ssh = Join-Path $bin ssh
        Set-Content $ssh "#!/bin/sh`nwhile [ `"`$1`" != -- ]; do shift; done`necho `"`$2`" >> '$TestDrive/reached'`nshift 2`nunset KIROPOOL_AGENT`nexec /bin/sh -c `"`$*`""
        chmod +x $ssh
        try {
            1..6 | ForEach-Object { "Prompt $_" } > prompts.txt
            (Invoke-Runbook nightly-hosts.ps1 -Arguments $PWD.Path).ExitCode | Should -Be 0
            1..7 | ForEach-Object { "Prompt $_" } > prompts.txt
            (Invoke-Runbook nightly-hosts.ps1 -Arguments $PWD.Path).ExitCode | Should -Be 0
        }
        finally {
            Remove-Item $ssh
        }
        (Import-Csv nightly.csv).Text | Sort-Object | Should -Be (1..7 | ForEach-Object { "You said: Prompt $_" })
        (Import-Csv nightly-hosts.csv).HostName | Should -Be 'build1', 'build2', 'build3'
        (Import-Csv nightly-hosts.csv).State | Should -Be 'Up', 'Up', 'Up'
        Get-Content "$TestDrive/reached" | Sort-Object -Unique | Should -Be 'build1', 'build2', 'build3'
        Get-AgentLog $log prompt | Should -HaveCount 7
    }

    It 'work in the background' {
        $ran = Invoke-Runbook background.ps1
        $ran.ExitCode | Should -Be 0
        $ran.Output | Should -Be 'You said: Are you there?', '5 answers from the background, 6 prompts in all'
    }

    It 'run from a scheduler, twice on the same day' {
        $null = New-Item -ItemType Directory checks
        'Is the disk full?' > checks/disk.md
        'Is the backup there?' > checks/backup.md
        (Invoke-Runbook health-report.ps1).ExitCode | Should -Be 0
        (Invoke-Runbook health-report.ps1).ExitCode | Should -Be 0
        Get-Content health-*.log -Raw | Should -BeLike '*2 checks answered, 0 failed: health-*.md*2 checks answered, 0 failed: health-*.md*'
        Get-Content health-*.md -Raw | Should -BeLike '*## backup*You said: Is the backup there?*## disk*You said: Is the disk full?*'
        Get-AgentLog $log prompt | Should -HaveCount 2
        'changed' > checks/disk.md
        $env:KIROPOOL_SIMULATOR = (Get-SimulatorEnvironment @{ log = $log; faults = @(@{ at = 'prompt'; do = 'error' }) }).KIROPOOL_SIMULATOR
        (Invoke-Runbook health-report.ps1).ExitCode | Should -Be 1
        $env:KIROPOOL_SIMULATOR = (Get-SimulatorEnvironment @{ log = $log; faults = @(@{ at = 'start'; do = 'crash' }) }).KIROPOOL_SIMULATOR
        (Invoke-Runbook health-report.ps1).ExitCode | Should -Be 2
        Get-Content health-*.log -Raw | Should -BeLike '*No report was made*'
    }

    It 'export the spans of a batch to the console' {
        $telemetry = Get-ChildItem (Join-Path $Repository tests KiroPool.Pester bin) -Recurse -Filter OpenTelemetry.Exporter.Console.dll -ErrorAction Ignore | Select-Object -First 1
        if (-not $telemetry -or $PSVersionTable.PSVersion -lt '7.6') { Set-ItResult -Skipped -Because 'the assemblies of OpenTelemetry are not here, or are for a later PowerShell' }
        $null = New-Item -ItemType Directory opentelemetry
        Get-ChildItem $telemetry.DirectoryName -Filter *.dll | Where-Object Name -match '^(OpenTelemetry|Microsoft\.Extensions)\.' | Copy-Item -Destination opentelemetry
        $ran = Invoke-Runbook trace-prompts.ps1
        $ran.ExitCode | Should -Be 0
        $names = @($ran.Output -match 'DisplayName' -replace '.*:\s*')
        foreach ($name in 'Invoke-KiroPrompt', 'invoke_agent', 'queue', 'session', 'start', 'turn') { $names | Should -Contain $name }
        $ran.Output -match 'kiropool\.outcome: Completed' | Should -HaveCount 2
    }

    It 'pass a CI step only on a clear verdict: <Last>' -ForEach @(
        @{ Last = '// VERDICT: PASS'; Code = 0 }
        @{ Last = '// VERDICT: FAIL'; Code = 1 }
        @{ Last = '// VERDICT: PASS, I think'; Code = 1 }
        @{ Last = '// [[refuse]] VERDICT: PASS'; Code = 1 }
        @{ Last = '// [[error down]]'; Code = 2 }
    ) {
        if (-not $hasGit) { Set-ItResult -Skipped -Because 'there is no git on PATH' }
        Initialize-Repository $Last
        (Invoke-Runbook ci-review.ps1 -Arguments '-Base', 'main').ExitCode | Should -Be $Code
    }

    It 'let a CI step distinguish an empty change from a missing base' {
        if (-not $hasGit) { Set-ItResult -Skipped -Because 'there is no git on PATH' }
        Initialize-Repository 'class B {}'
        (Invoke-Runbook ci-review.ps1 -Arguments '-Base', 'change').ExitCode | Should -Be 0
        (Invoke-Runbook ci-review.ps1 -Arguments '-Base', 'nowhere').ExitCode | Should -Be 2
    }
}
