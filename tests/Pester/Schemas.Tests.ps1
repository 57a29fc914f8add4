# Answers as objects and batches with a budget, in a real pwsh.

Describe 'Answers by a schema' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest
        $work = New-Item -ItemType Directory (Join-Path $TestDrive work)
        Push-Location $work
        'disk full' > fatal.log
        'disk slow' > low.log
        $log = Join-Path $TestDrive agents.jsonl
        $null = Start-SimulatorPool @{ log = $log; credits = 0.5 } @{ WorkingDirectory = $work }
    }

    AfterAll {
        Stop-KiroPool -Force
        Pop-Location
        Remove-Module KiroPool
    }

    It 'filter and export as the README shows' {
        Get-ChildItem *.log | Invoke-KiroPrompt 'What went wrong here?' -Schema @{ severity = 'low', 'high', 'fatal'; summary = [string]; hosts = @([string]) } -Expand |
            Where-Object severity -eq fatal | Export-Csv fatal.csv
        $rows = @(Import-Csv fatal.csv)
        $rows | Should -HaveCount 1
        $rows[0].severity | Should -Be fatal
        $rows[0].PSObject.Properties.Name | Should -Be 'hosts', 'severity', 'summary'
    }

    It 'group by a property and know their input' {
        $values = Get-ChildItem *.log | Invoke-KiroPrompt 'Judge' -Schema @{ severity = 'low', 'fatal' } -Expand
        ($values | Group-Object severity | Sort-Object Name).Name | Should -Be 'fatal', 'low'
        ($values | Where-Object severity -eq fatal).InputObject.Name | Should -Be fatal.log
        $values[0].PSObject.Properties.Name | Should -Be severity
    }

    It 'are instances of a PowerShell class' {
        class Finding { [ValidateSet('low', 'fatal')] [string] $Severity; [string[]] $Hosts }
        $value = 'fatal' | Invoke-KiroPrompt 'Judge' -Schema ([Finding]) -Expand
        $value | Should -BeOfType ([Finding])
        $value.Hosts | Should -HaveCount 2
    }

    It 'are asked for again in the same session, and fail with the faults' {
        (Invoke-KiroPrompt '[[json wrong]]' -Schema @{ a = [int] }).Attempts | Should -Be 2
        Invoke-KiroPrompt '[[json never]]' -Schema @{ a = [int] } -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOutput*'
        "$($failed[0])" | Should -BeLike '*/a: *'
        $failed[0].Exception.Result.Attempts | Should -Be 3
    }

    It 'refuse what is no schema before any prompt' {
        $before = @(Get-AgentLog $log prompt).Count
        { Invoke-KiroPrompt 'x' -Schema @{ a = 'string' } -ErrorAction Stop } | Should -Throw -ErrorId 'SchemaInvalid*'
        @(Get-AgentLog $log prompt) | Should -HaveCount $before
    }

    It 'keep to a budget, and -Resume runs the rest' {
        1..5 | Invoke-KiroPrompt -ThrottleLimit 1 -MaxCredits 1 -JournalPath budget.jsonl -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 2
        $failed.FullyQualifiedErrorId | Should -BeLike 'BudgetExceeded*'
        1..5 | Invoke-KiroPrompt -JournalPath budget.jsonl -Resume | Should -HaveCount 5
        Import-KiroJournal budget.jsonl | Should -HaveCount 5
        (Import-KiroJournal budget.jsonl | Measure-Object Credits -Sum).Sum | Should -Be 2.5
    }
}
