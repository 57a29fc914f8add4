# The output of Get-Help, and the examples of docs/en-US word for word. The simulator stands in for kiro-cli.

BeforeDiscovery {
    $pages = Get-ChildItem (Join-Path $PSScriptRoot .. .. docs en-US) -Filter *-*.md
    $cmdlets = $pages.BaseName | ForEach-Object { @{ Cmdlet = $_ } }
    $topics = Get-ChildItem (Join-Path $PSScriptRoot .. .. docs en-US) -Filter *.help.txt | ForEach-Object { @{ Topic = $_.Name.Replace('.help.txt', ''); File = $_.FullName } }

    # Examples that need a user at a console, or another agent program, are only parsed.
    $read = 'Enter-KiroSession 1', 'Enter-KiroSession 2', 'Enter-KiroSession 3', 'Enter-KiroSession 4', 'Start-KiroPool 6', 'Invoke-KiroPrompt 14'
    $examples = foreach ($page in $pages) {
        foreach ($example in [regex]::Matches((Get-Content $page -Raw), '(?ms)^### Example (\d+): (.+?)\r?\n(.*?)(?=^###? )')) {
            $name = "$($page.BaseName) $($example.Groups[1].Value)"
            $code = [regex]::Matches($example.Groups[3].Value, '(?ms)^```powershell\r?\n(.*?)^```') | ForEach-Object { $_.Groups[1].Value }
            @{ Cmdlet = $page.BaseName; Name = $name; Title = $example.Groups[2].Value; Code = $code -join "`n" }
        }
    }
    $names = $examples.Name
}

Describe 'Help' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        $path, $modulePath = $env:PATH, $env:PSModulePath
        $bin = New-Item -ItemType Directory (Join-Path $TestDrive bin)
        $null = New-KiroCli $bin
        $env:PATH = $bin.FullName + [IO.Path]::PathSeparator + $env:PATH
        $env:PSModulePath = (Join-Path $Repository out) + [IO.Path]::PathSeparator + $env:PSModulePath
        Import-Module $Manifest.FullName

        # The files that the examples use.
        $work = New-Item -ItemType Directory (Join-Path $TestDrive work)
        Push-Location $work
        'class A {}' > A.cs
        'class B {}' > B.cs
        'A project' > README.md
        1..60 | ForEach-Object { "error $_" } > errors.log
        'Name,Role', 'web-1,web server', 'db-1,database' > servers.csv
        $null = New-Item -ItemType Directory prompts, .kiro/agents
        Set-Content prompts/runbook.md 'What is a runbook?' -NoNewline
        '{ "name": "reviewer", "description": "Reviews changes" }' > .kiro/agents/reviewer.json
    }

    AfterAll {
        Pop-Location
        Stop-KiroPool -Force
        Remove-Module KiroPool
        $env:PATH, $env:PSModulePath = $path, $modulePath
    }

    It 'of <Cmdlet> is what its page says' -ForEach $cmdlets {
        $help = Get-Help $Cmdlet
        $page = Get-Content (Join-Path $Repository docs en-US "$Cmdlet.md") -Raw
        $page | Should -Match "## SYNOPSIS\s+$([regex]::Escape($help.Synopsis))\s+##" -Because 'it was asked for without markdown'
        @($help.parameters.parameter.name | Where-Object { $_ }) | Should -HaveCount ([regex]::Matches($page, '(?m)^### -\w').Count)
        $help.examples.example | Should -HaveCount ([regex]::Matches($page, '(?m)^### Example \d').Count)
        $help.examples.example.code | Should -Not -BeNullOrEmpty
        $help.syntax.syntaxItem | Should -Not -BeNullOrEmpty
        $help.PSObject.Properties['relatedLinks'] | Should -BeNullOrEmpty -Because 'there is no page that -Online could open'
        $text = Get-Help $Cmdlet -Full | Out-String -Width 120
        $text | Should -Not -Match '```|\]\(|\x80'
    }

    It 'of <Topic> is its file' -ForEach $topics {
        (Get-Help $Topic).Trim() -replace '\r' | Should -BeExactly ((Get-Content $File -Raw).Trim() -replace '\r')
    }

    It 'lists the topics' {
        (Get-Help about_KiroPool*).Name | Sort-Object | Should -Be 'about_KiroPool', 'about_KiroPool_Errors', 'about_KiroPool_Hosts', 'about_KiroPool_Lifetime', 'about_KiroPool_Schemas', 'about_KiroPool_Sessions'
    }

    It 'has the examples that are only parsed' -ForEach @{ Read = $read; Names = $names } {
        $Read | Where-Object { $_ -notin $Names } | Should -BeNullOrEmpty
    }

    It 'example <Name> uses existing parameters: <Title>' -ForEach ($examples | Where-Object { $_.Name -in $read }) {
        $wrong = $null
        $script = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $wrong)
        $wrong | Should -BeNullOrEmpty
        $commands = $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -like '*-Kiro*' }, $true)
        $commands | Should -Not -BeNullOrEmpty
        foreach ($command in $commands) {
            $known = (Get-Command $command.GetCommandName()).Parameters.Values | ForEach-Object { $_.Name; $_.Aliases }
            $command.CommandElements.ParameterName | Where-Object { $_ -and $_ -notin $known } | Should -BeNullOrEmpty
        }
    }

    Context 'Examples' {
        BeforeEach {
            Stop-KiroPool -Force

            # These need an existing journal, pool or session.
            if ($Cmdlet -eq 'Import-KiroJournal') {
                Remove-Item batch.jsonl, findings.jsonl, fatal.csv -ErrorAction Ignore
                $null = 'one', 'two' | Invoke-KiroPrompt -JournalPath batch.jsonl
                $null = 'fatal' | Invoke-KiroPrompt 'Judge' -Schema @{ severity = 'low', 'fatal'; summary = [string] } -JournalPath findings.jsonl
            }
            elseif ($Name -eq 'Get-KiroPoolStats 5') {
                $null = Start-KiroPool -Engine V3 -Environment (Get-SimulatorEnvironment @{ version = '2.27.1' })
            }
            elseif ($Cmdlet -in 'Get-KiroPoolStats', 'Get-KiroSession', 'Remove-KiroSession', 'Stop-KiroPool' -and $Name -ne 'Stop-KiroPool 4') {
                $null = Start-KiroPool
                $null = Invoke-KiroPrompt 'Hello' -Session review
                $null = New-KiroSession planning -NoWait
            }
        }

        It '<Name> runs: <Title>' -ForEach ($examples | Where-Object { $_.Name -notin $read }) {
            $output = @(& ([scriptblock]::Create($Code)) 2>&1 6>$null)
            $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
            $results = @($output | Where-Object { $_ -is [KiroPool.PromptResult] })
            $results | Where-Object Text -notlike 'You said: *' | Should -BeNullOrEmpty
            switch ($Name) {
                'Get-KiroSession 2' { ($output | Out-String) | Should -BeLike '*Hello*You said*' }
                'Get-KiroSession 3' { Get-KiroSession | Should -HaveCount 2 }
                'Get-KiroPoolStats 5' { $output.CreditsLeft | Should -BeGreaterThan 0 }
                'Import-KiroJournal 1' { $output.Sum | Should -Be 0.1 }
                'Import-KiroJournal 2' { Import-Csv fatal.csv | Should -HaveCount 1 }
                'Invoke-KiroPrompt 2' { (Import-Csv summaries.csv).File | Sort-Object | Should -Be 'A.cs', 'B.cs' }
                'Invoke-KiroPrompt 3' { Get-Content runbook.answer.txt | Should -Be 'You said: What is a runbook?' }
                'Invoke-KiroPrompt 4' { $results[1].Prompt | Should -Be 'Write a runbook page for db-1, which is a database.' }
                'Invoke-KiroPrompt 5' { $results | Should -HaveCount 1 }
                'Invoke-KiroPrompt 7' { (Get-KiroSession incident).Turns | Should -Be 2 }
                'Invoke-KiroPrompt 8' { $output[-1] | Should -BeLike 'PromptEmpty,*: Give a prompt*' }
                'Invoke-KiroPrompt 9' { Get-Content pages.jsonl | Should -HaveCount 3 }
                'Remove-KiroSession 1' { (Get-KiroSession).Name | Should -Be 'planning' }
                'Remove-KiroSession 2' { Get-KiroSession | Should -BeNullOrEmpty }
                'Remove-KiroSession 5' { Get-KiroSession | Should -HaveCount 2 }
                'Stop-KiroPool 3' { $output | Should -Be '1 prompts completed by 1 processes' }
                'Stop-KiroPool 5' { (Get-KiroPoolStats).IdleCount + (Get-KiroPoolStats).HeldCount | Should -BeGreaterThan 0 }
            }
        }
    }
}
