# Chat and Delimited in scripts; the models and agents of kiro-cli.

BeforeDiscovery { $protocols = 'Acp', 'Chat', 'Delimited' }

Describe 'Protocol <_>' -ForEach $protocols {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest.FullName
        $protocol = $_
        $log = Join-Path $TestDrive "$protocol.jsonl"
        $null = Start-SimulatorPool @{ log = $log } @{ Protocol = $protocol; MaxSize = 3 }
        $file = Join-Path $TestDrive note.md
        Set-Content $file 'a note' -NoNewline
    }

    AfterAll {
        Stop-KiroPool -Force
        Remove-Module KiroPool
        Get-LivingAgent $log | Should -BeNullOrEmpty
    }

    It 'runs a batch in order' {
        (1..20 | Invoke-KiroPrompt -Ordered).Text | Should -Be (1..20 | ForEach-Object { "You said: $_" })
    }

    It 'streams text and ends with the result' {
        $all = @(Invoke-KiroPrompt 'stream me' -Stream)
        $all[-1].Text | Should -Be 'You said: stream me'
        -join ($all | Where-Object { $_ -is [KiroPool.PromptUpdate] -and $_.Kind -eq 'Text' }).Text | Should -Be 'You said: stream me'
    }

    It 'attaches files' {
        (Get-Item $file | Invoke-KiroPrompt 'Read').Text | Should -Match 'note\.md'
        (Get-Item $file | Invoke-KiroPrompt 'Read' -Embed).Text | Should -Match 'a note'
    }

    It 'keeps a time limit and runs the next prompt' {
        Invoke-KiroPrompt '[[sleep 20000]]' -TimeoutSec 1 -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failures.FullyQualifiedErrorId | Should -BeLike 'PromptTimedOut,*'
        (Invoke-KiroPrompt 'next').Text | Should -Be 'You said: next'
    }

    It 'reports the crash of an agent' {
        Invoke-KiroPrompt '[[crash]]' -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failures[0].Exception.Result.Outcome | Should -BeIn 'Indeterminate', 'Failed'
        (Get-KiroPoolStats).WaitingCount | Should -Be 0
    }

    It 'stops at Select-Object -First' {
        1..30 | ForEach-Object { "$_ [[sleep 200]]" } | Invoke-KiroPrompt | Select-Object -First 1 | Should -HaveCount 1
        Wait-Until { (Get-KiroPoolStats).ActiveCount -eq 0 } | Should -BeTrue
    }
}
