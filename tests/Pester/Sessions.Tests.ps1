# Conversations in scripts, and one in a console.

Describe 'Named sessions' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest.FullName
        $log = Join-Path $TestDrive agents.jsonl
        $state = New-Item -ItemType Directory (Join-Path $TestDrive transcripts)
        $pool = Start-SimulatorPool @{ log = $log; turnMs = 20; sessionStore = $state.FullName } @{ MaxSize = 2 }
    }

    AfterAll {
        Stop-KiroPool -Force
        Remove-Module KiroPool
    }

    It 'remember all their turns' {
        'My name is Ada', 'I like whales', 'history' | Invoke-KiroPrompt -Session ada | Select-Object -Last 1 -ExpandProperty Text |
            Should -Be "2 earlier prompts:`nMy name is Ada`nI like whales"
        (Get-KiroSession ada).Turns | Should -Be 3
        (Get-KiroSession ada -History).Prompt | Should -Be 'My name is Ada', 'I like whales', 'history'
    }

    It 'are shown as tables' {
        Get-KiroSession | Out-String | Should -Match 'Name +State +Turns +PID +Agent +Model'
        Get-KiroSession -History | Out-String | Should -Match '# +Outcome +Time +Prompt +Text'
    }

    It 'are resumed in another process after theirs was killed' {
        $null = Invoke-KiroPrompt 'Remember me' -Session phoenix
        $before = (Get-KiroSession phoenix).ProcessId
        Stop-Process -Id $before -Force
        Wait-Until { -not (Get-Process -Id $before -ErrorAction Ignore) } | Should -BeTrue
        $result = Invoke-KiroPrompt 'history' -Session phoenix
        $result.Text | Should -BeLike "*Remember me"
        $result.ProcessId | Should -Not -Be $before
        $result.Resumed | Should -BeTrue
    }

    It 'are suspended for other prompts and resumed' {
        1..4 | ForEach-Object { $null = Invoke-KiroPrompt "I am $_" -Session "room$_" }
        @((Get-KiroPoolStats).Processes).Count | Should -BeLessOrEqual 2
        (Get-KiroSession room1).State | Should -Be 'Suspended'
        (Invoke-KiroPrompt 'history' -Session room1).Text | Should -BeLike '*I am 1'
    }

    It 'are shared with parallel runspaces, one prompt at a time' {
        $module = $Manifest.FullName
        $session = New-KiroSession shared
        $null = 1..4 | ForEach-Object -Parallel { Import-Module $using:module; Invoke-KiroPrompt "p$_" -Session $using:session }
        $session.Turns | Should -Be 4
        (Get-KiroSession shared -History).Prompt | Sort-Object | Should -Be 'p1', 'p2', 'p3', 'p4'
    }

    It 'decide on tools with a script block' {
        $asked = [Collections.Generic.List[string]]::new()
        $result = Invoke-KiroPrompt 'x [[permission execute]]' -PermissionHandler { param($Request) $asked.Add($Request.Kind); 'Allow' }
        $asked | Should -Be 'execute'
        $result.ToolCalls[0].Permission, $result.ToolCalls[0].DecidedBy | Should -Be 'Allowed', 'Handler'
    }

    It 'are all removed at once' {
        Remove-KiroSession *
        Get-KiroSession | Should -BeNullOrEmpty
    }
}

Describe 'Enter-KiroSession' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
    }

    It 'is refused without an interactive host' {
        Invoke-Pwsh "Start-KiroPool -FilePath '$($Simulator.FullName)' | Out-Null; Enter-KiroSession" | Out-String | Should -Match 'cannot ask for input'
    }

    It 'is refused in a job' {
        $module, $program = $Manifest.FullName, $Simulator.FullName
        $id = Start-Job {
            Import-Module $using:module
            $null = Start-KiroPool -FilePath $using:program
            try { Enter-KiroSession } catch { $_.FullyQualifiedErrorId }
        } | Receive-Job -Wait -AutoRemoveJob
        $id | Should -BeLike 'HostCannotPrompt,*'
    }

    Context 'in a terminal' {
        BeforeAll {
            $hasTmux = [bool](Get-Command tmux -ErrorAction Ignore)
            if (-not $hasTmux) { return }
            $socket = "kiropool-$PID"
            function Send-Key { tmux -L $socket send-keys -t talk @args }
            function Get-Screen { (tmux -L $socket capture-pane -t talk -p) -join "`n" }
            function Wait-Screen([string] $Pattern) { Wait-Until { (Get-Screen) -match $Pattern } | Should -BeTrue -Because "the screen should show '$Pattern', but shows:`n$(Get-Screen)" }

            $start = Join-Path $TestDrive start.ps1
            $log = Join-Path $TestDrive agents.jsonl
            "Import-Module '$($Manifest.FullName)'; `$null = Start-KiroPool -FilePath '$($Simulator.FullName)' -Environment @{ KIROPOOL_SIMULATOR = '$(ConvertTo-Json @{ log = $log } -Compress)' }" > $start
            tmux -L $socket -f /dev/null new-session -d -s talk -x 90 -y 30 "$((@($Pwsh) + $PwshArguments -ne '-NonInteractive').ForEach{ "'$_'" }) -NoExit -File '$start'"
            Wait-Screen '(?m)^PS .*> ?$'
        }

        AfterAll {
            if ($hasTmux) { tmux -L $socket kill-server }
        }

        It 'holds a conversation, asks, cancels a turn with Ctrl+C, and gives the console back' {
            if (-not $hasTmux) { Set-ItResult -Skipped -Because ($IsWindows ? 'Windows has no tmux' : 'there is no tmux on PATH') }
            Send-Key 'Enter-KiroSession' Enter
            Wait-Screen '(?m)^kiro_default \(auto\)\. [^\n]*\n> ?$'

            Send-Key 'hello' Enter
            Wait-Screen 'You said: hello\n.* credits · context 1\.5 % full'

            Send-Key 'do it [[permission execute]]' Enter
            Wait-Screen 'Allow execute: .*\[y\] yes'
            Send-Key y
            Wait-Screen 'Permission: allow_once'

            Send-Key 'long [[sleep 30000]]' Enter
            Wait-Until { (Get-AgentLog $log prompt).text -like 'long*' } | Should -BeTrue
            Send-Key C-c
            Wait-Screen 'Cancelled\. The conversation goes on\.'

            Send-Key Up
            Wait-Screen '(?m)> long \[\[sleep 30000\]\] *$'
            Send-Key C-c
            Send-Key '/exi' Tab Enter
            Wait-Screen '(?m)^PS .*> ?$'

            # PowerShell handles Ctrl+C again.
            Send-Key '"asleep"; Start-Sleep 60' Enter
            Wait-Screen '(?m)^asleep *$'
            Send-Key C-c
            Send-Key '"back: $([Console]::TreatControlCAsInput)"' Enter
            Wait-Screen 'back: False'
        }

        It 'cancels the wait of /new with Ctrl+C' {
            if (-not $hasTmux) { Set-ItResult -Skipped -Because ($IsWindows ? 'Windows has no tmux' : 'there is no tmux on PATH') }
            $slow = Join-Path $TestDrive slow.ps1
            $settings = ConvertTo-Json @{ log = $log; firstSessionMs = 5000 } -Compress
            "Stop-KiroPool; `$null = Start-KiroPool -FilePath '$($Simulator.FullName)' -MaxSize 2 -Environment @{ KIROPOOL_SIMULATOR = '$settings' }; Clear-Host" > $slow
            $before = @(Get-AgentLog $log initialize).Count
            Send-Key ". '$slow'; Enter-KiroSession" Enter
            Wait-Screen '(?m)^kiro_default \(auto\)\. [^\n]*\n> ?$'

            # The new conversation gets another process.
            Send-Key '/new' Enter
            Wait-Until { @(Get-AgentLog $log initialize).Count -eq $before + 2 } | Should -BeTrue
            Send-Key C-c
            Wait-Screen 'Cancelled\. The conversation goes on\.'
            Send-Key 'hello' Enter
            Wait-Screen 'You said: hello'
            Send-Key '/exit' Enter
            Wait-Screen '(?m)^PS .*> ?$'
        }
    }
}
