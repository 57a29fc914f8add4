# The main job of the README and a session on kiro-cli's engine V3, under its own name and under another one.

BeforeDiscovery {
    $programs = @(
        @{ Program = 'kiro-cli'; With = @{ Engine = 'V3' } }
        @{ Program = 'my-agent'; With = @{ ArgumentList = 'acp', '--agent-engine=v3', '--auth-method=cli' } }
    )
}

Describe 'V3 under the name <Program>' -ForEach $programs {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest.FullName
        $bin = New-Item -ItemType Directory (Join-Path $TestDrive "bin-$Program")
        $log = Join-Path $TestDrive "$Program.jsonl"
        $file = New-KiroCli $bin $Program
        $pool = Start-KiroPool -FilePath $file.FullName -Environment (Get-SimulatorEnvironment @{ version = '2.27.1'; log = $log }) -MaxSize 2 @With
        1..3 | ForEach-Object { "class C$_ {}" > (Join-Path $TestDrive "C$_.cs") }
    }

    AfterAll {
        Stop-KiroPool -Force -Confirm:$false
        Remove-Module KiroPool
        Get-LivingAgent $log | Should -BeNullOrEmpty
    }

    It 'summarises files' {
        $results = Get-ChildItem (Join-Path $TestDrive *.cs) | Invoke-KiroPrompt 'Summarise this file in one sentence'
        $results.Outcome | Should -Be (1..3 | ForEach-Object { 'Completed' })
        $results.Credits | Should -Be (1..3 | ForEach-Object { 0.05 })
    }

    It 'keeps a session' {
        Invoke-KiroPrompt 'one' -Session "talk-$Program" | Out-Null
        (Invoke-KiroPrompt 'history' -Session "talk-$Program").Text | Should -Match '1 earlier prompt'
        Remove-KiroSession "talk-$Program" -Confirm:$false
    }

    It 'reports the engine that answers, and its agents' {
        $pool.Engine | Should -Be V3
        (Get-KiroPoolStats).Engine | Should -Be V3
        (Get-KiroAgent).Name | Should -Contain vibe
    }

    It 'warns about a question without an answer, and a handler answers it' {
        Invoke-KiroPrompt '[[question Yes|No]]' -TrustAllTools -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        $warnings | Should -Match 'question'
        (Invoke-KiroPrompt '[[question Yes|No]]' -PermissionHandler { 'No' }).Text | Should -Match 'Answer: No$'
    }
}
